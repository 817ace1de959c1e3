//! wasmparser's component types as structures.
//!
//! A type can share its parts and unfold to a size that is exponential in the file's, so unfolding
//! stops after a fixed number of parts.

use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType, ComponentFuncTypeId,
    ComponentInstanceTypeId, ComponentValType,
};
use wasmparser::types::Types;

use crate::abi::{FuncType, Type};

/// Far more than any plugin's signature has.
const MOST_PARTS: usize = 2_000;

pub(super) fn function(types: &Types, id: ComponentFuncTypeId) -> FuncType {
    let mut unfold = Unfold { types, left: MOST_PARTS };
    let function = &types[id];
    FuncType {
        params: function.params.iter().map(|(_, ty)| unfold.value(*ty)).collect(),
        result: function.result.map(|ty| unfold.value(ty)),
    }
}

/// Names of what a host must provide for an interface: all but plain types and the resources of other
/// interfaces, which it only names again.
pub(super) fn needs(types: &Types, id: ComponentInstanceTypeId) -> Vec<String> {
    let needed = |ty: &ComponentEntityType| match ty {
        ComponentEntityType::Type { referenced, created } => {
            is_resource(*created) && referenced == created
        }
        _ => true,
    };
    let exports = types[id].exports.iter();
    exports.filter(|(_, item)| needed(&item.ty)).map(|(name, _)| name.clone()).collect()
}

pub(super) fn is_resource(id: ComponentAnyTypeId) -> bool {
    matches!(id, ComponentAnyTypeId::Resource(_))
}

struct Unfold<'a> {
    types: &'a Types,
    left: usize,
}

impl Unfold<'_> {
    fn value(&mut self, ty: ComponentValType) -> Type {
        if self.left == 0 {
            return Type::Endless;
        }
        self.left -= 1;
        let id = match ty {
            ComponentValType::Primitive(primitive) => return self::primitive(primitive),
            ComponentValType::Type(id) => id,
        };
        let optional = |this: &mut Self, ty: Option<ComponentValType>| ty.map(|ty| this.value(ty));
        match &self.types[id] {
            ComponentDefinedType::Primitive(primitive) => self::primitive(*primitive),
            ComponentDefinedType::Record(record) => {
                let fields = record.fields.iter();
                Type::Record(fields.map(|(name, ty)| (name.to_string(), self.value(*ty))).collect())
            }
            ComponentDefinedType::Variant(variant) => {
                let cases = variant.cases.iter();
                Type::Variant(
                    cases.map(|(name, case)| (name.to_string(), optional(self, case.ty))).collect(),
                )
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
            ComponentDefinedType::List { element, .. } => {
                Type::Of("list", vec![Some(self.value(*element))])
            }
            ComponentDefinedType::FixedLengthList { element, .. } => {
                Type::Of("fixed-length list", vec![Some(self.value(*element))])
            }
            ComponentDefinedType::Map { key, value, .. } => {
                Type::Of("map", vec![Some(self.value(*key)), Some(self.value(*value))])
            }
            ComponentDefinedType::Option { ty, .. } => {
                Type::Of("option", vec![Some(self.value(*ty))])
            }
            ComponentDefinedType::Result { ok, err, .. } => {
                Type::Of("result", vec![optional(self, *ok), optional(self, *err)])
            }
            ComponentDefinedType::Future { ty, .. } => {
                Type::Of("future", vec![optional(self, *ty)])
            }
            ComponentDefinedType::Stream { ty, .. } => {
                Type::Of("stream", vec![optional(self, *ty)])
            }
            ComponentDefinedType::Own(_) => Type::Of("own", vec![]),
            ComponentDefinedType::Borrow(_) => Type::Of("borrow", vec![]),
        }
    }
}

fn primitive(primitive: PrimitiveValType) -> Type {
    Type::Primitive(primitive.to_string())
}
