//! The body of the derived item.

use darling::FromField;
use syn::{Data, Fields, FieldsUnnamed, Token};

/// The body, with the tokens to point at if it is not a struct with named fields.
pub(crate) enum Shape<F> {
    /// A struct with named fields or without fields.
    Struct(Vec<F>),
    /// A tuple struct.
    Tuple(FieldsUnnamed),
    Enum(Token![enum]),
    Union(Token![union]),
}

impl<F: FromField> Shape<F> {
    /// For `#[darling(with = Shape::read)]`. darling's own `Data` drops the tokens, and its
    /// `supports(...)` writes its own messages.
    pub(crate) fn read(data: &Data) -> darling::Result<Self> {
        match data {
            Data::Struct(data) => match &data.fields {
                Fields::Unnamed(fields) => Ok(Self::Tuple(fields.clone())),
                fields => {
                    fields.iter().map(F::from_field).collect::<Result<_, _>>().map(Self::Struct)
                }
            },
            Data::Enum(data) => Ok(Self::Enum(data.enum_token)),
            Data::Union(data) => Ok(Self::Union(data.union_token)),
        }
    }

    /// The named fields; none for any other shape.
    pub(crate) fn fields(&self) -> &[F] {
        match self {
            Self::Struct(fields) => fields,
            Self::Tuple(_) | Self::Enum(_) | Self::Union(_) => &[],
        }
    }
}
