//! The two kinds of wasm that the pipeline handles. wasm-opt takes one and the host the other, and the
//! types keep the order of the stages from being mixed up.

/// A core WebAssembly module, as the compiler links it.
#[derive(Clone, Debug)]
pub struct CoreModule(pub Vec<u8>);

/// A WebAssembly component.
#[derive(Clone, Debug)]
pub struct Component(pub Vec<u8>);
