//! The validator's types as structures, with resources named after the import that they come from.
//!
//! A type can share its parts, and its full structure can be exponentially larger than the file, so this stops after a fixed
//! number of parts.

use std::collections::HashMap;

use wasmparser_host::PrimitiveValType as Primitive;
use wasmparser_host::types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentInstanceTypeId, ComponentValType, ResourceId, TypesRef,
};

use super::Item;
use crate::abi::{FuncType, Type};

/// Maximum parts of a type, far more than in any plugin's signature.
const MOST_PARTS: usize = 2_000;
/// Maximum parts of all items of a file; all of WASI has some thousands.
const MOST_PARTS_OF_ALL: usize = 200_000;
/// Maximum nesting of types in the host's engine.
const DEEPEST: usize = 100;
/// Maximum nesting of interfaces; deeper ones are omitted.
const MOST_LEVELS: usize = 16;

/// Turns types into structures; imports come first and in order, so that resources get their names.
pub(super) struct Describer<'a> {
    types: TypesRef<'a>,
    resources: HashMap<ResourceId, String>,
    /// Remaining parts for the current function.
    left: usize,
    left_of_all: usize,
    /// Nesting level of the current type.
    levels: usize,
    /// A property of a type that the host's engine does not support.
    pub unsupported: Option<&'static str>,
}

impl<'a> Describer<'a> {
    pub fn new(types: TypesRef<'a>) -> Self {
        let resources = HashMap::new();
        Self {
            types,
            resources,
            left: 0,
            left_of_all: MOST_PARTS_OF_ALL,
            levels: 0,
            unsupported: None,
        }
    }

    /// Describes an import or export; `path` names it.
    pub fn item(&mut self, path: &str, entity: Option<ComponentEntityType>) -> Item {
        self.item_at(path, entity, MOST_LEVELS)
    }

    fn item_at(&mut self, path: &str, entity: Option<ComponentEntityType>, levels: usize) -> Item {
        if self.left_of_all == 0 {
            return Item::Other("one item too many");
        }
        self.left_of_all -= 1;
        match entity {
            Some(ComponentEntityType::Func(id)) => Item::Func(self.function(id)),
            Some(ComponentEntityType::Instance(_)) if levels == 0 => {
                Item::Other("an interface nested too deep")
            }
            Some(ComponentEntityType::Instance(id)) => self.instance(path, id, levels),
            Some(ComponentEntityType::Type {
                created: ComponentAnyTypeId::Resource(id), ..
            }) => {
                let known = self.resources.get(&id.resource()).cloned();
                let introduced = known.is_none();
                let name = known.unwrap_or_else(|| path.to_owned());
                self.resources.insert(id.resource(), name.clone());
                Item::Resource { name, introduced }
            }
            Some(ComponentEntityType::Type {
                created: ComponentAnyTypeId::Defined(id), ..
            }) => {
                // The engine also checks types that are only named.
                self.spend(|this| this.value(ComponentValType::Type(id)));
                Item::Type
            }
            Some(ComponentEntityType::Type { .. }) => Item::Other("a type that is no value's"),
            Some(ComponentEntityType::Module(_)) => Item::Other("a core module"),
            Some(ComponentEntityType::Component(_)) => Item::Component,
            Some(ComponentEntityType::Value(_)) | None => Item::Other("a value"),
        }
    }

    fn instance(&mut self, path: &str, id: ComponentInstanceTypeId, levels: usize) -> Item {
        // The version is the same for all of them and not a part of a resource's name.
        let path = path.split_once('@').map_or(path, |(name, _)| name);
        let types = self.types;
        let items = types[id].exports.iter().map(|(name, entity)| {
            (name.clone(), self.item_at(&format!("{path}/{name}"), Some(*entity), levels - 1))
        });
        Item::Instance { items: items.collect() }
    }

    fn function(&mut self, id: ComponentFuncTypeId) -> FuncType {
        let types = self.types;
        let function = &types[id];
        self.spend(|this| {
            let results = function.results.iter().map(|(_, ty)| this.value(*ty));
            let mut results: Vec<_> = results.collect();
            let result = match results.len() {
                0 | 1 => results.pop(),
                _ => Some(Type::Of("results", results.into_iter().map(Some).collect())),
            };
            let params = function.params.iter().map(|(_, ty)| this.value(*ty)).collect();
            FuncType { params, result }
        })
    }

    /// Runs `act` with the parts that one item may have, and subtracts the used ones from the total.
    fn spend<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let most = MOST_PARTS.min(self.left_of_all);
        self.left = most;
        let done = act(self);
        self.left_of_all -= most - self.left;
        done
    }

    fn value(&mut self, ty: ComponentValType) -> Type {
        if self.left == 0 {
            return Type::Endless;
        }
        if self.levels == DEEPEST {
            self.unsupported = Some("a type is nested more than 100 levels deep");
            return Type::Endless;
        }
        self.left -= 1;
        match ty {
            ComponentValType::Primitive(primitive) => self::primitive(primitive),
            ComponentValType::Type(id) => {
                self.levels += 1;
                let ty = self.defined(id);
                self.levels -= 1;
                ty
            }
        }
    }

    fn optional(&mut self, ty: Option<ComponentValType>) -> Option<Type> {
        ty.map(|ty| self.value(ty))
    }

    fn defined(&mut self, id: ComponentDefinedTypeId) -> Type {
        let types = self.types;
        match &types[id] {
            ComponentDefinedType::Primitive(primitive) => self::primitive(*primitive),
            ComponentDefinedType::Record(record) => {
                let fields = record.fields.iter();
                Type::Record(fields.map(|(name, ty)| (name.to_string(), self.value(*ty))).collect())
            }
            ComponentDefinedType::Variant(variant) => {
                if variant.cases.values().any(|case| case.refines.is_some()) {
                    self.unsupported = Some("a case of a variant refines another one");
                }
                let cases = variant.cases.iter();
                let cases = cases.map(|(name, case)| (name.to_string(), self.optional(case.ty)));
                Type::Variant(cases.collect())
            }
            ComponentDefinedType::Enum(cases) => {
                Type::Enum(cases.iter().map(ToString::to_string).collect())
            }
            ComponentDefinedType::Flags(flags) => {
                Type::Flags(flags.iter().map(ToString::to_string).collect())
            }
            ComponentDefinedType::Tuple(tuple) => {
                Type::Of("tuple", tuple.types.iter().map(|ty| Some(self.value(*ty))).collect())
            }
            ComponentDefinedType::List(ty) => Type::Of("list", vec![Some(self.value(*ty))]),
            ComponentDefinedType::Option(ty) => Type::Of("option", vec![Some(self.value(*ty))]),
            ComponentDefinedType::Result { ok, err } => {
                Type::Of("result", vec![self.optional(*ok), self.optional(*err)])
            }
            ComponentDefinedType::Own(id) => {
                Type::Of("own", vec![Some(self.resource(id.resource()))])
            }
            ComponentDefinedType::Borrow(id) => {
                Type::Of("borrow", vec![Some(self.resource(id.resource()))])
            }
        }
    }

    fn resource(&self, id: ResourceId) -> Type {
        let name = self.resources.get(&id);
        Type::Resource(name.cloned().unwrap_or_else(|| "a resource of its own".to_owned()))
    }
}

fn primitive(primitive: Primitive) -> Type {
    let name = match primitive {
        Primitive::Bool => "bool",
        Primitive::S8 => "s8",
        Primitive::U8 => "u8",
        Primitive::S16 => "s16",
        Primitive::U16 => "u16",
        Primitive::S32 => "s32",
        Primitive::U32 => "u32",
        Primitive::S64 => "s64",
        Primitive::U64 => "u64",
        Primitive::Float32 => "f32",
        Primitive::Float64 => "f64",
        Primitive::Char => "char",
        Primitive::String => "string",
    };
    Type::Primitive(name.to_owned())
}
