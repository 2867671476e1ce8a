import type { DeclarationPair } from "./declaration-pair.ts";

/** Classes, enums, constants, and the ways of exporting. */
export const classPairs: readonly DeclarationPair[] = [
  {
    title: "private members of a class that are others",
    least: "patch",
    before: "export declare class C { #a; private b; m(): void } export declare function f(c: C): C;",
    after: "export declare class C { #z; private y; private x; m(): void } export declare function f(c: C): C;",
    consumer: "import { C, f } from 'it'; f(new C()).m();",
  },
  {
    title: "the same class with private fields and another export",
    least: "minor",
    before: "export declare class C { #a; private b; self(): C; all(): Promise<readonly C[]> }",
    after:
      "export declare class C { #a; private b; self(): C; all(): Promise<readonly C[]> } export declare const n: 1;",
    consumer: "import { C } from 'it'; new C().self();",
  },
  {
    title: "a method added to a class that functions take",
    least: "minor",
    before: "export declare class C { private b; m(): void } export declare function f(c: C): void;",
    after: "export declare class C { private b; m(): void; n(): void } export declare function f(c: C): void;",
    consumer: "import { C, f } from 'it'; f(new C());",
  },
  {
    title: "a method removed from a class",
    least: "major",
    before: "export declare class C { private b; m(): void; n(): void }",
    after: "export declare class C { private b; m(): void }",
    consumer: "import { C } from 'it'; new C().n();",
  },
  {
    title: "a required parameter of a constructor",
    least: "major",
    before: "export declare class C { private b; constructor(a?: string) }",
    after: "export declare class C { private b; constructor(a: string) }",
    consumer: "import { C } from 'it'; new C();",
  },
  {
    title: "a constructor's parameter that takes less",
    least: "major",
    before: "export declare class C<T> { private b; constructor(a: string | number, t: T) }",
    after: "export declare class C<T> { private b; constructor(a: string, t: T) }",
    consumer: "import { C } from 'it'; new C(1, 2);",
  },
  {
    title: "a constructor made private",
    least: "major",
    before: "export declare class C { static of(): C; constructor() }",
    after: "export declare class C { static of(): C; private constructor() }",
    consumer: "import { C } from 'it'; new C();",
  },
  {
    title: "a static member removed",
    least: "major",
    before: "export declare class C { static a: string; static b: string }",
    after: "export declare class C { static a: string }",
    consumer: "import { C } from 'it'; C.b;",
  },
  {
    title: "a member made protected",
    least: "major",
    before: "export declare class C { m(): void }",
    after: "export declare class C { protected m(): void }",
    consumer: "import { C } from 'it'; new C().m();",
  },
  {
    title: "an abstract member added",
    least: "major",
    before: "export declare abstract class C { abstract m(): void }",
    after: "export declare abstract class C { abstract m(): void; abstract n(): void }",
    consumer: "import { C } from 'it'; export class D extends C { m(): void {} }",
  },
  {
    title: "a class made abstract",
    least: "major",
    before: "export declare class C { m(): void }",
    after: "export declare abstract class C { m(): void }",
    consumer: "import { C } from 'it'; new C();",
  },
  {
    title: "a class that extends a class of the language, unchanged beside a new one",
    least: "minor",
    before: "export declare class E extends Error { private x; code: string } export declare function f(e: E): E;",
    after:
      "export declare class E extends Error { private x; code: string; hint?: string } export declare function f(e: E): E;",
    consumer: "import { E, f } from 'it'; f(new E('a')).message;",
  },
  {
    title: "a class that only its type is left of",
    least: "major",
    before: "declare class C { m(): void } export { C };",
    after: "declare class C { m(): void } export type { C };",
    consumer: "import { C } from 'it'; new C();",
  },
  {
    title: "an interface that became a class of the same shape",
    least: "minor",
    before: "export interface C { m(): void }",
    after: "export declare class C { m(): void }",
    consumer: "import type { C } from 'it'; export const c: C = { m() {} };",
  },
  {
    title: "a branded type, unchanged beside a new export",
    least: "minor",
    before:
      "declare const brand: unique symbol; export type Id = string & { readonly [brand]: true }; export declare function f(i: Id): Id;",
    after:
      "declare const brand: unique symbol; export type Id = string & { readonly [brand]: true }; export declare function f(i: Id): Id; export declare const n: 1;",
    consumer: "import { f, type Id } from 'it'; f('a' as Id);",
  },
  {
    title: "an enum with the same members",
    least: "minor",
    before: "export declare enum E { A = 'a', B = 'b' } export declare function f(e: E): E;",
    after: "export declare enum E { B = 'b', A = 'a' } export declare function f(e: E): E; export declare const n: 1;",
    consumer: "import { E, f } from 'it'; f(E.A);",
  },
  {
    title: "a member added to an enum that readers get",
    least: "major",
    before: "export declare enum E { A = 'a', B = 'b' } export declare function f(): E;",
    after: "export declare enum E { A = 'a', B = 'b', C = 'c' } export declare function f(): E;",
    consumer:
      "import { E, f } from 'it'; export function g(): number { switch (f()) { case E.A: return 1; case E.B: return 2; } }",
  },
  {
    title: "a member removed from an enum",
    least: "major",
    before: "export declare enum E { A = 'a', B = 'b' }",
    after: "export declare enum E { A = 'a' }",
    consumer: "import { E } from 'it'; E.B;",
  },
  {
    title: "an equal const enum beside a new export",
    least: "minor",
    before: "export declare const enum E { A = 1, B = 2 } export declare function f(e?: E): void;",
    after:
      "export declare const enum E { A = 1, B = 2 } export declare function f(e?: E): void; export declare const n: 1;",
    consumer: "import { E, f } from 'it'; f(E.A);",
  },
  {
    title: "a constant of another literal",
    least: "major",
    before: "export declare const v: 1;",
    after: "export declare const v: 2;",
    consumer: "import { v } from 'it'; const w: 1 = v; void w;",
  },
  {
    title: "a key removed from a table",
    least: "major",
    before: "export declare const t: { readonly A: { readonly n: 1 }; readonly B: { readonly n: 2 } };",
    after: "export declare const t: { readonly A: { readonly n: 1 } };",
    consumer: "import { t } from 'it'; t.B;",
  },
  {
    title: "the default export removed",
    least: "major",
    before: "export default function f(): void; export declare const n: 1;",
    after: "export declare const n: 1;",
    consumer: "import f from 'it'; f();",
  },
  {
    title: "a member removed from an exported namespace",
    least: "major",
    before: "declare namespace S { function a(): void; function b(): void } export { S };",
    after: "declare namespace S { function a(): void } export { S };",
    consumer: "import { S } from 'it'; S.b();",
  },
  {
    title: "a declaration moved from a function to a constant",
    least: "patch",
    before: "export declare function f(a: string): number;",
    after: "export declare const f: (a: string) => number;",
    consumer: "import { f } from 'it'; f('a').toFixed();",
  },
  {
    title: "a name exported under another, too",
    least: "minor",
    before: "declare const a: number; export { a };",
    after: "declare const a: number; export { a, a as b };",
    consumer: "import { a } from 'it'; a.toFixed();",
  },
  {
    title: "an object made of generic classes of the language",
    least: "major",
    before: "export interface R { a: string } export declare const m: Map<string, Set<R>>;",
    after: "export interface R { b: string } export declare const m: Map<string, Set<R>>;",
    consumer: "import { m } from 'it'; for (const s of m.values()) for (const r of s) r.a;",
  },
  {
    title: "types of one name in two namespaces, of which one gets an optional member",
    least: "minor",
    before:
      "declare namespace A { interface P { k: string } } declare namespace B { interface P { l: string } } export declare function f(p: A.P | B.P): void;",
    after:
      "declare namespace A { interface P { k: string; m?: 1 } } declare namespace B { interface P { l: string } } export declare function f(p: A.P | B.P): void;",
    consumer: "import { f } from 'it'; f({ k: 'k' }); f({ l: 'l' });",
  },
  {
    title: "a generic class that leads to itself with other arguments",
    least: "major",
    before:
      "export declare class Seq<T> { private x; map<U>(f: (t: T) => U): Seq<U>; zip<U>(o: Seq<U>): Seq<[T, U]>; first(): T | undefined }",
    after:
      "export declare class Seq<A> { private x; map<B>(f: (t: A) => B): Seq<B>; zip<B>(o: Seq<B>): Seq<[A, B]>; first(): A | null }",
    consumer:
      "import { Seq } from 'it'; const n: number | undefined = new Seq<number>().map((x) => x).first(); void n;",
  },
];
