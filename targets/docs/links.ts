// Links between the documents.
/** A clause, as clauses.md has it. */
export const clauseLink = (id: string): string => `[${id}](clauses.md#${anchor(id)})`
/** Where it stands there. */
export const anchor = (id: string): string => id.replace(/[^A-Za-z0-9.-]+/g, '-')
/** The place of a heading, as Markdown viewers name it: lower case, punctuation left out, spaces as dashes. */
export const headingAnchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')
