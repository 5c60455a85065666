//! `#[debug_handler]`: applies axum's requirements to each argument and to the response of a
//! handler, so that the compiler points at the one that is wrong.
//!
//! The function is emitted unchanged. Only its signature is parsed.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Path, ReturnType, Token, Type};

use crate::diagnostics::Errors;
use crate::signature::{Signature, arguments_of, last_segment, text};
use crate::span;

/// Extractors that consume the body and therefore come last.
const BODY_EXTRACTORS: &[&str] =
    &["Body", "Bytes", "Form", "Json", "Multipart", "RawForm", "Request", "String"];
/// Maximum number of arguments of a handler.
const MAX_ARGUMENTS: usize = 16;

/// The keys of the attribute.
#[derive(Default)]
struct Options {
    state: Option<Type>,
    runtime: Option<Path>,
}

/// The function and its checks.
pub(crate) fn expand(options: TokenStream, function: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let checks = checks(options, function.clone(), &mut errors);
    let errors = errors.into_compile_errors();
    quote!(#function #errors #checks)
}

fn checks(options: TokenStream, function: TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let options = Options::parse.parse2(options).map_err(|error| errors.add(error)).ok()?;
    let signature = Signature::read("debug_handler", function, errors)?;
    let is_sound = check_signature(&signature, errors);
    let state = state(&options, &signature, errors)?;
    let runtime = options.runtime.unwrap_or_else(|| syn::parse_quote!(::oauth_runtime));
    if !is_sound {
        return None;
    }
    let arguments = arguments(&signature, &state, &runtime);
    let answer = answer(&signature.answer, &runtime);
    let future = future(&signature, &runtime);
    Some(quote! {
        #[allow(warnings, clippy::all, clippy::pedantic, clippy::restriction)]
        const _: () = {
            #arguments
            #answer
            #future
        };
    })
}

impl Options {
    /// `state = AppState, crate = oauth`
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            if input.peek(Token![crate]) {
                input.parse::<Token![crate]>()?;
                input.parse::<Token![=]>()?;
                options.runtime = Some(input.parse()?);
            } else {
                let key: Ident = input.parse()?;
                if key != "state" {
                    return Err(syn::Error::new_spanned(
                        &key,
                        format!("unknown key `{key}`: write `state = AppState`"),
                    ));
                }
                input.parse::<Token![=]>()?;
                options.state = Some(input.parse()?);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

/// Reports the mistakes that the signature shows by itself.
fn check_signature(signature: &Signature, errors: &mut Errors) -> bool {
    let before = errors.len();
    let name = &signature.name;
    let answers_later = matches!(&signature.answer, ReturnType::Type(_, ty) if is_opaque(ty));
    if !signature.is_async && !answers_later {
        errors
            .push(signature.function, format!("a handler must be async: write `async fn {name}`"));
    }
    if !signature.generics.params.is_empty() {
        errors.push(
            &signature.generics,
            "a generic handler is checked where it is used: remove `#[debug_handler]`",
        );
    }
    if signature.arguments.len() > MAX_ARGUMENTS {
        let message = format!("a handler has at most {MAX_ARGUMENTS} arguments");
        errors.push(name, message);
    }
    let last = signature.arguments.len().saturating_sub(1);
    for (index, ty) in signature.arguments.iter().enumerate() {
        let text = text(ty);
        if let Type::Reference(reference) = ty {
            let owned = self::text(&reference.elem);
            errors.push(ty, format!("a handler owns its arguments: write `{owned}`"));
        } else if index < last
            && last_segment(ty).is_some_and(|name| BODY_EXTRACTORS.contains(&&*name))
        {
            errors
                .push(ty, format!("`{text}` consumes the request body: make it the last argument"));
        }
    }
    errors.len() == before
}

/// The named state, else the one of `State<…>`, else `()`.
fn state(options: &Options, signature: &Signature, errors: &mut Errors) -> Option<Type> {
    if let Some(state) = &options.state {
        return Some(state.clone());
    }
    let state = signature.state("#[debug_handler(state = AppState)]", errors).ok()?;
    Some(state.cloned().unwrap_or_else(|| syn::parse_quote!(())))
}

/// One check for each argument, with the argument's span.
fn arguments(signature: &Signature, state: &Type, runtime: &Path) -> TokenStream {
    let last = signature.arguments.len().saturating_sub(1);
    let types = signature.arguments.iter().enumerate().filter(|(_, ty)| !is_opaque(ty));
    let checks = types.map(|(index, ty)| {
        let takes_body = last_segment(ty).is_some_and(|name| BODY_EXTRACTORS.contains(&&*name));
        let is_ours = last_segment(ty).is_some_and(|name| is_ours(&name));
        let at = span::of(ty);
        if index == last && !is_ours {
            let body = if takes_body { quote!(body_argument) } else { quote!(last_argument) };
            quote_spanned!(at=> fn check() { #runtime::__private::debug::#body::<#ty, #state, _>(); })
        } else {
            quote_spanned!(at=> fn check() { #runtime::__private::debug::argument::<#ty, #state>(); })
        }
    });
    checks.map(|check| quote!(const _: () = { #check };)).collect()
}

/// This library's extractors: they never read the body, and their trait errors are complete.
fn is_ours(name: &str) -> bool {
    ["Api", "Connection", "LoggedOut", "Login", "Option", "Sessions", "State", "User"]
        .contains(&name)
}

/// Checks the response, and of a `Result` each half separately.
fn answer(answer: &ReturnType, runtime: &Path) -> TokenStream {
    let ReturnType::Type(_, ty) = answer else { return TokenStream::new() };
    let check = |ty: &Type, what: TokenStream| {
        if has_opaque(ty) {
            return TokenStream::new();
        }
        let at = span::of(ty);
        quote_spanned!(at=> const _: () = { fn check() { #runtime::__private::debug::#what::<#ty>(); } };)
    };
    match halves(ty) {
        Some((value, error)) => {
            let (value, error) = (check(value, quote!(answer)), check(error, quote!(error)));
            quote!(#value #error)
        }
        None => check(ty, quote!(answer)),
    }
}

/// Checks that the future of the handler is `Send`.
fn future(signature: &Signature, runtime: &Path) -> TokenStream {
    if signature.arguments.iter().any(has_opaque) {
        return TokenStream::new();
    }
    let name = &signature.name;
    let arguments = signature.arguments.iter().map(|ty| quote!(given::<#ty>()));
    let call =
        quote_spanned!(span::of(name)=> #runtime::__private::debug::future(#name(#(#arguments),*)));
    quote! {
        fn given<T>() -> T { loop {} }
        fn check() { #call; }
    }
}

/// `T` and `E` of `Result<T, E>`.
fn halves(ty: &Type) -> Option<(&Type, &Type)> {
    match arguments_of(ty, "Result")?.as_slice() {
        [value, error] => Some((value, error)),
        _ => None,
    }
}

fn is_opaque(ty: &Type) -> bool {
    matches!(ty, Type::ImplTrait(_))
}

/// Whether it contains an `impl Trait`, which cannot be named.
fn has_opaque(ty: &Type) -> bool {
    has_word(ty.to_token_stream(), "impl")
}

fn has_word(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has_word(group.stream(), word),
        _ => false,
    })
}
