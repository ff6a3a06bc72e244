/**
 * Prints the package's `custom-elements.json`, by which editors and documentation tools know `<serfiq-capture>`: its attributes and properties
 * from their table, everything else from the comments of its class.
 */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { PROPERTIES } from '../../www/package/capture/properties.js';

const ROOT = new URL('../../', import.meta.url);
const MODULE = 'capture/element.js';
const [CLASS, TAG, EVENTS] = ['SerfiqCaptureElement', 'serfiq-capture', 'SerfiqCaptureEvents'];

/** The compiler of the tests, which the packer also uses. @type {import('typescript')} */
const ts = createRequire(new URL('tests/browser/package.json', ROOT))('typescript');

const text = await readFile(new URL(`www/package/${MODULE}`, ROOT), 'utf8');
const source = ts.createSourceFile(MODULE, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
const element = /** @type {import('typescript').ClassDeclaration} */ (
  source.statements.find((one) => ts.isClassDeclaration(one) && one.name?.text === CLASS)
);

const manifest = {
  schemaVersion: '2.1.0',
  readme: 'README.md',
  modules: [
    {
      kind: 'javascript-module',
      path: MODULE,
      declarations: [
        {
          kind: 'class',
          customElement: true,
          name: CLASS,
          tagName: TAG,
          description: descriptionOf(element),
          superclass: { name: 'HTMLElement' },
          attributes: PROPERTIES.filter(({ attribute }) => attribute !== null).map(attributeOf),
          members: [...PROPERTIES.map(fieldOf), ...element.members.flatMap(memberOf)],
          events: events(),
          slots: tagged('slot'),
          cssParts: tagged('csspart'),
          cssProperties: tagged('cssprop'),
        },
      ],
      exports: [{ kind: 'js', name: CLASS, declaration: { name: CLASS, module: MODULE } }],
    },
    {
      kind: 'javascript-module',
      path: 'capture/index.js',
      declarations: [],
      exports: [
        { kind: 'js', name: CLASS, declaration: { name: CLASS, module: MODULE } },
        { kind: 'custom-element-definition', name: TAG, declaration: { name: CLASS, module: MODULE } },
      ],
    },
  ],
};
process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);

/** @param {import('../../www/package/capture/properties.js').PropertyRow} row */
function attributeOf({ property, attribute, ...row }) {
  return { name: attribute, fieldName: property, ...valueOf(row) };
}

/** @param {import('../../www/package/capture/properties.js').PropertyRow} row */
function fieldOf({ property, attribute, ...row }) {
  return { kind: 'field', name: property, ...valueOf(row), ...(attribute === null ? {} : { attribute, reflects: true }) };
}

/** @param {Pick<import('../../www/package/capture/properties.js').PropertyRow, 'type' | 'default' | 'unset' | 'description'>} row */
function valueOf({ type, default: otherwise, unset, description }) {
  return { type: { text: type }, default: JSON.stringify(otherwise), description: unset ? `${description} Null for ${unset}.` : description };
}

/** Returns a public method or accessor of the class. @param {import('typescript').ClassElement} member */
function memberOf(member) {
  const internal = ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal');
  if (internal || !member.name || !ts.isIdentifier(member.name) || isStatic(member)) return [];
  const [name, description] = [member.name.text, descriptionOf(member)];
  if (ts.isGetAccessor(member)) return [{ kind: 'field', name, type: typeOf(ts.getJSDocReturnType(member)), readonly: true, description }];
  if (!ts.isMethodDeclaration(member)) return [];
  const parameters = member.parameters.map((parameter) => {
    const tag = ts.getJSDocParameterTags(parameter)[0];
    return { name: parameter.name.getText(), type: typeOf(tag?.typeExpression?.type), optional: tag?.isBracketed || undefined };
  });
  const returned = ts.getJSDocReturnType(member);
  return [{ kind: 'method', name, description, parameters, return: { type: returned ? typeOf(returned) : { text: 'void' } } }];
}

/** Returns the events, which have a type of their own. */
function events() {
  const comments = source.statements.flatMap((one) => one.getChildren()).filter(ts.isJSDoc);
  const typedefs = comments.flatMap(({ tags }) => [...(tags ?? [])]).filter(ts.isJSDocTypedefTag);
  const { typeExpression } = typedefs.find(({ name }) => name?.text === EVENTS) ?? {};
  if (!typeExpression || !ts.isJSDocTypeLiteral(typeExpression)) throw new Error(`${MODULE} has no @typedef ${EVENTS} with the events`);
  return (typeExpression.jsDocPropertyTags ?? []).map((tag) => ({
    name: tag.name.getText(),
    type: typeOf(tag.typeExpression?.type),
    description: ts.getTextOfJSDocComment(tag.comment) ?? '',
  }));
}

/** Returns the class's tags of a kind, `@slot name - description`. @param {string} kind */
function tagged(kind) {
  return ts.getJSDocTags(element).filter(({ tagName }) => tagName.text === kind).map(({ comment }) => {
    const [name, ...description] = (ts.getTextOfJSDocComment(comment) ?? '').split(' - ');
    return { name: name.trim(), description: description.join(' - ') };
  });
}

/** @param {import('typescript').Node} node */
function descriptionOf(node) {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return comments.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '').join('\n').trim();
}

/** @param {import('typescript').TypeNode | undefined} type */
function typeOf(type) {
  return { text: type?.getText().replace(/\s*\n\s*\*\s*/g, ' ') ?? 'unknown' };
}

/** @param {import('typescript').ClassElement} member */
function isStatic(member) {
  return ts.canHaveModifiers(member) && ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
}
