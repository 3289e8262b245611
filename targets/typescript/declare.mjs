// The text of declarations, by ts-morph: which takes as long to load as everything else to generate, so it does it in a thread of its own.
import { Project, StructureKind } from 'ts-morph'

export default (statements) => {
  const kinds = statements.map((s) => ({ ...s, kind: StructureKind[s.kind] }))
  return new Project({ useInMemoryFileSystem: true }).createSourceFile('declared.ts', { statements: kinds }).getFullText()
}
