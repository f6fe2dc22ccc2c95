import type { ComponentType, JSX as Preact } from 'preact'

// TypeScript 7 ignores Preact's own ElementType, which has a parameter, and then accepts no component that may return
// undefined.
export namespace JSX {
  export type ElementType = keyof Preact.IntrinsicElements | ComponentType<never>
  export interface Element extends Preact.Element {}
  export interface ElementAttributesProperty extends Preact.ElementAttributesProperty {}
  export interface ElementChildrenAttribute extends Preact.ElementChildrenAttribute {}
  export interface IntrinsicAttributes extends Preact.IntrinsicAttributes {}
  export interface IntrinsicElements extends Preact.IntrinsicElements {}
  export type LibraryManagedAttributes<Component, Props> = Preact.LibraryManagedAttributes<Component, Props>
}
