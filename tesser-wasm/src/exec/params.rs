//! Typed parameters with a schema: the [`params!`](crate::params) and [`choices!`](crate::choices) macros.

use rust_decimal::Decimal;

use super::arithmetic::cut_to;
use crate::json::Object;
pub use crate::schema::Spec;
use crate::schema::{ParamError, ParamKind, Scalar, nearest, read};

/// A struct of parameters. Implemented by [`params!`](crate::params).
pub trait Params: Sized {
    /// Name, type, default and range of each parameter.
    #[doc(hidden)]
    const SPECS: &'static [Spec<'static>];
    /// JSON objects of the schema, separated by commas.
    #[doc(hidden)]
    const SCHEMA: &'static str;

    /// Takes the parameters of [`SPECS`](Self::SPECS), in that order. Errors are kept in `values`.
    #[doc(hidden)]
    fn read(values: &mut Values<'_>) -> Self;
}

/// Only the common parameters.
impl Params for () {
    const SPECS: &'static [Spec<'static>] = &[];
    const SCHEMA: &'static str = "";

    fn read(_values: &mut Values<'_>) {}
}

/// A type that a parameter can have: `u32`, `u64`, `Decimal`, `bool`, `String`, `Vec<Decimal>`, an enum of
/// [`choices!`](crate::choices), or an `Option` of one of these, which may stay unset.
pub trait ParamType: Sized {
    #[doc(hidden)]
    const KIND: ParamKind;
    #[doc(hidden)]
    const CHOICES: &'static [&'static str] = &[];
    #[doc(hidden)]
    const OPTIONAL: bool = false;
    /// Placeholder for a value that was refused.
    #[doc(hidden)]
    const UNSET: Self;

    /// Converts a checked value; `None` if the type cannot hold it.
    #[doc(hidden)]
    fn from_scalar(value: Scalar) -> Option<Self>;
}

macro_rules! param_types {
    ($($ty:ty = $kind:ident, $unset:expr; $pattern:pat => $value:expr;)*) => {
        $(impl ParamType for $ty {
            const KIND: ParamKind = ParamKind::$kind;
            const UNSET: Self = $unset;

            fn from_scalar(value: Scalar) -> Option<Self> {
                match value {
                    $pattern => $value,
                    _ => None,
                }
            }
        })*
    };
}

param_types! {
    u32 = Integer, 0; Scalar::Number(number) => integer(number).and_then(|n| n.try_into().ok());
    u64 = Integer, 0; Scalar::Number(number) => integer(number);
    Decimal = Decimal, Decimal::ZERO; Scalar::Number(number) => Some(number);
    bool = Boolean, false; Scalar::Flag(flag) => Some(flag);
    String = Text, String::new(); Scalar::Text(text) => Some(text);
    Vec<Decimal> = Decimals, Vec::new(); Scalar::List(numbers) => Some(numbers);
}

#[inline(never)]
fn integer(number: Decimal) -> Option<u64> {
    u64::try_from(cut_to(number, 0)).ok()
}

impl<T: ParamType> ParamType for Option<T> {
    const KIND: ParamKind = T::KIND;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const OPTIONAL: bool = true;
    const UNSET: Self = None;

    fn from_scalar(value: Scalar) -> Option<Self> {
        if value == Scalar::Absent { Some(None) } else { T::from_scalar(value).map(Some) }
    }
}

/// The given values, read in the order of a table. The first error is kept for [`end`](Self::end): one check instead of one
/// for each parameter, of which there are fifteen or more.
#[doc(hidden)]
#[derive(Debug)]
pub struct Values<'a> {
    given: &'a Object<'a>,
    specs: std::slice::Iter<'a, Spec<'a>>,
    error: Option<ParamError>,
}

impl<'a> Values<'a> {
    pub(super) fn new(given: &'a Object<'a>, specs: &'a [Spec<'a>]) -> Self {
        Self { given, specs: specs.iter(), error: None }
    }

    #[inline(never)]
    fn scalar(&mut self) -> (Scalar, &'a str) {
        let Some(spec) = self.specs.next() else {
            return (Scalar::Absent, "");
        };
        let scalar = read(spec, self.given.get(spec.name)).unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            Scalar::Absent
        });
        (scalar, spec.name)
    }

    /// Reads the next parameter.
    #[inline(never)]
    pub fn take<T: ParamType>(&mut self) -> T {
        let (scalar, name) = self.scalar();
        T::from_scalar(scalar).unwrap_or_else(|| {
            self.too_large(name);
            T::UNSET
        })
    }

    #[cold]
    #[inline(never)]
    fn too_large(&mut self, name: &str) {
        // If an earlier value was refused, that error is the one to report.
        self.error
            .get_or_insert_with(|| ParamError::new(name, "the value is too large, or negative"));
    }

    /// The first error of all.
    #[inline(never)]
    pub(super) fn end(self) -> Result<(), ParamError> {
        self.error.map_or(Ok(()), Err)
    }
}

/// Reads a struct of parameters.
pub(super) fn read_struct<P: Params>(given: &Object<'_>) -> Result<P, ParamError> {
    let mut values = Values::new(given, P::SPECS);
    let params = P::read(&mut values);
    values.end().map(|()| params)
}

/// Refuses names that are in no table.
#[inline(never)]
pub(super) fn check_names(given: &Object<'_>, tables: &[&[Spec<'_>]]) -> Result<(), ParamError> {
    let names = || tables.iter().flat_map(|table| table.iter()).map(|spec| spec.name);
    match given.keys().find(|key| !names().any(|name| name == *key)) {
        Some(unknown) => Err(ParamError::unknown(unknown, nearest(unknown, names()))),
        None => Ok(()),
    }
}

/// Defines the parameters of an algorithm: types, defaults, ranges and documentation in one place.
///
/// Each parameter is `name: Type = default, in min..=max, unit "s";` below its doc comment; default, range and unit are optional.
/// Without a default, an `Option` may stay unset, and a parameter of any other type is required. Values are literals; decimals keep
/// every digit. An unknown name, a wrong type or a value out of range refuses the signal with an
/// error that names the parameter. The macro also makes the machine-readable schema in the component from this text.
///
/// ```
/// use rust_decimal::Decimal;
///
/// tesser_wasm::params! {
///     /// Parameters of a slicer.
///     pub struct Params {
///         /// Time over which the target is worked.
///         duration_secs: u32 = 600, in 1..=604_800, unit "s";
///         /// Share of the target in one order.
///         clip_percent: Decimal = 12.5, in 0.1..=100, unit "%";
///         /// Price at which it stops.
///         stop_price: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000;
///     }
/// }
/// # let _: Option<Params> = None;
/// ```
#[macro_export]
macro_rules! params {
    (
        $(#[doc = $struct_doc:literal])*
        $vis:vis struct $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $field:ident : $ty:ty
                $(= $default:literal)? $(, in $min:literal ..= $max:literal)? $(, unit $unit:literal)? ;
            )*
        }
    ) => {
        $(#[doc = $struct_doc])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $($(#[doc = $doc])+ pub $field: $ty),*
        }

        impl $crate::exec::Params for $name {
            const SPECS: &'static [$crate::exec::params::Spec<'static>] = &[
                $($crate::exec::params::Spec {
                    name: stringify!($field),
                    kind: <$ty as $crate::exec::ParamType>::KIND,
                    default: $crate::__first_token!($($default)?),
                    min: $crate::__first_token!($($min)?),
                    max: $crate::__first_token!($($max)?),
                    choices: <$ty as $crate::exec::ParamType>::CHOICES,
                    required: !<$ty as $crate::exec::ParamType>::OPTIONAL
                        && $crate::__first_token!($($default)?).is_none(),
                }),*
            ];
            const SCHEMA: &'static str = {
                use $crate::exec::section::Piece;
                const PIECES: &[Piece] = &[
                    $(
                        Piece::Begin(stringify!($field), <$ty as $crate::exec::ParamType>::KIND),
                        $(Piece::Field("default", stringify!($default)),)?
                        $(Piece::Field("min", stringify!($min)), Piece::Field("max", stringify!($max)),)?
                        $(Piece::Field("unit", $unit),)?
                        Piece::Choices(<$ty as $crate::exec::ParamType>::CHOICES),
                        Piece::Required(
                            !<$ty as $crate::exec::ParamType>::OPTIONAL
                                && $crate::__first_token!($($default)?).is_none(),
                        ),
                        Piece::Doc(&[$($doc),+]),
                    )*
                ];
                const LENGTH: usize = $crate::exec::section::length(PIECES);
                const BYTES: [u8; LENGTH] = $crate::exec::section::bytes(PIECES);
                $crate::exec::section::text(&BYTES)
            };

            fn read(values: &mut $crate::exec::params::Values<'_>) -> Self {
                Self {
                    $($field: values.take::<$ty>()),*
                }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __first_token {
    () => {
        ::std::option::Option::<&'static str>::None
    };
    ($token:literal) => {
        ::std::option::Option::Some(stringify!($token))
    };
}

/// Defines an enum of the words that a parameter accepts.
///
/// ```
/// tesser_wasm::choices! {
///     /// How eager it is.
///     pub enum Urgency {
///         /// Mostly passive.
///         Low = "low",
///         /// Crosses early.
///         High = "high",
///     }
/// }
///
/// tesser_wasm::params! {
///     pub struct Params {
///         /// How eager it is.
///         urgency: Urgency = "low";
///     }
/// }
/// # let _: Option<Params> = None;
/// ```
#[macro_export]
macro_rules! choices {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name {
            $($(#[$variant_meta])* $variant),+
        }

        impl $crate::exec::ParamType for $name {
            const KIND: $crate::ParamKind = $crate::ParamKind::Choice;
            const CHOICES: &'static [&'static str] = &[$($word),+];
            const UNSET: Self = [$(Self::$variant),+][0];

            fn from_scalar(value: $crate::exec::Scalar) -> ::std::option::Option<Self> {
                match value {
                    $crate::exec::Scalar::Choice(index) => {
                        [$(Self::$variant),+].get(index).copied()
                    }
                    _ => ::std::option::Option::None,
                }
            }
        }
    };
}
