//! PARSE: the signature of a handler. The function below it is not parsed.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, GenericArgument, Generics, PathArguments, ReturnType, Token, Type, Visibility,
};

use crate::diagnostics::Errors;

/// The parsed signature.
pub(crate) struct Signature {
    pub(crate) is_async: bool,
    pub(crate) name: Ident,
    pub(crate) function: Token![fn],
    pub(crate) generics: Generics,
    pub(crate) arguments: Vec<Type>,
    pub(crate) answer: ReturnType,
}

impl Signature {
    /// Reads the function below `#[attribute]`.
    pub(crate) fn read(
        attribute: &str,
        function: TokenStream,
        errors: &mut Errors,
    ) -> Option<Self> {
        let parse = |input: ParseStream<'_>| Self::parse(attribute, input);
        parse.parse2(function).map_err(|error| errors.add(error)).ok()
    }

    fn parse(attribute: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let is_async = input.parse::<Option<Token![async]>>()?.is_some();
        let Ok(function) = input.parse::<Token![fn]>() else {
            return Err(input.error(format!("`#[{attribute}]` goes on an `async fn`")));
        };
        let name = input.parse()?;
        let generics = input.parse()?;
        let list;
        syn::parenthesized!(list in input);
        let arguments = types_of_arguments(&list)?;
        let answer = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self { is_async, name, function, generics, arguments, answer })
    }

    /// The state of `State<…>`, if an argument extracts one. `write` names the state of several.
    ///
    /// # Errors
    /// When two arguments extract different states; it is recorded.
    pub(crate) fn state(&self, write: &str, errors: &mut Errors) -> Result<Option<&Type>, ()> {
        let mut states = self.arguments.iter().filter_map(|ty| argument_of(ty, "State"));
        let Some(first) = states.next() else { return Ok(None) };
        if let Some(other) = states.find(|state| text(state) != text(first)) {
            errors.push(
                other,
                format!("the arguments use two states: name the one that contains both, `{write}`"),
            );
            return Err(());
        }
        Ok(Some(first))
    }
}

/// The types of `State(app): State<AppState>, user: User`.
fn types_of_arguments(list: ParseStream<'_>) -> syn::Result<Vec<Type>> {
    let mut types = Vec::new();
    while !list.is_empty() {
        list.call(Attribute::parse_outer)?;
        // The pattern, which may contain paths with `::`.
        while !list.is_empty() && (list.peek(Token![::]) || !list.peek(Token![:])) {
            if list.peek(Token![self]) {
                let message = "a handler is a free function, not a method";
                return Err(list.error(message));
            }
            if list.parse::<Option<Token![::]>>()?.is_none() {
                list.parse::<TokenTree>()?;
            }
        }
        list.parse::<Token![:]>()?;
        types.push(list.parse()?);
        list.parse::<Option<Token![,]>>()?;
    }
    Ok(types)
}

/// The single argument of a generic type of this name.
fn argument_of<'a>(ty: &'a Type, generic: &str) -> Option<&'a Type> {
    match arguments_of(ty, generic)?.as_slice() {
        [argument] => Some(argument),
        _ => None,
    }
}

/// The arguments of a generic type of this name.
pub(crate) fn arguments_of<'a>(ty: &'a Type, generic: &str) -> Option<Vec<&'a Type>> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == generic)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some(types.collect())
}

/// The name of a type without its path and arguments.
pub(crate) fn last_segment(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}

/// The type without spaces.
pub(crate) fn text(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}
