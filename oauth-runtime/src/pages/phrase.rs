//! A text together with the names that it mentions.

use super::Text;

/// A text, and the values of its placeholders.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phrase<'a> {
    pub(crate) text: Text,
    /// Name and value of each placeholder.
    values: [(&'static str, &'a str); 2],
}

/// A part of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Of the text.
    Text(&'a str),
    /// Of a value, which may come from outside and be in another language.
    Value(&'a str),
}

impl<'a> Phrase<'a> {
    pub(crate) const fn of(text: Text) -> Self {
        Self { text, values: [("", ""); 2] }
    }

    #[must_use]
    pub(crate) const fn provider(self, name: &'a str) -> Self {
        Self { values: [("provider", name), self.values[1]], ..self }
    }

    #[must_use]
    pub(crate) const fn user(self, name: &'a str) -> Self {
        Self { values: [self.values[0], ("user", name)], ..self }
    }

    #[must_use]
    pub(crate) const fn reference(self, reference: &'a str) -> Self {
        Self { values: [("reference", reference), self.values[1]], ..self }
    }

    /// The parts of the phrase in the wording of a language. Values are not searched for
    /// placeholders, and a placeholder without a value is shown as it is.
    pub(crate) fn parts<'b>(&self, wording: &'b str) -> Vec<Part<'b>>
    where
        'a: 'b,
    {
        let mut parts = Vec::new();
        let mut rest = wording;
        // The end of the wording that has been searched but not pushed.
        let mut searched = 0;
        while let Some((before, name, after)) = placeholder(rest, searched) {
            // An absent value has no name.
            let mut values = self.values.iter().filter(|(own, _)| !own.is_empty());
            match values.find(|(own, _)| *own == name) {
                Some((_, value)) => {
                    parts.extend([Part::Text(before), Part::Value(value)]);
                    (rest, searched) = (after, 0);
                }
                None => searched = before.len() + 1,
            }
        }
        parts.push(Part::Text(rest));
        parts
    }

    /// The phrase as plain text.
    pub(crate) fn plain(&self, wording: &str) -> String {
        let parts = self.parts(wording);
        parts.iter().map(|(Part::Text(text) | Part::Value(text))| *text).collect()
    }
}

/// The first `{name}` at or after `from`, with the text before and after it.
fn placeholder(text: &str, from: usize) -> Option<(&str, &str, &str)> {
    let start = from + text.get(from..)?.find('{')?;
    let (name, after) = text.get(start + 1..)?.split_once('}')?;
    Some((text.get(..start)?, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_never_read_as_a_placeholder() {
        let phrase = Phrase::of(Text::ConnectText).user("{provider}").provider("{user} <b>");
        let parts = phrase.parts("As {user} to {provider}.");
        assert_eq!(
            parts,
            [
                Part::Text("As "),
                Part::Value("{provider}"),
                Part::Text(" to "),
                Part::Value("{user} <b>"),
                Part::Text("."),
            ]
        );
        assert_eq!(phrase.plain("{provider}{user}"), "{user} <b>{provider}");
    }

    #[test]
    fn unknown_placeholder_is_shown() {
        let phrase = Phrase::of(Text::SignInWith).provider("Acme");
        assert_eq!(phrase.plain("{who} {provider} {"), "{who} Acme {");
        assert_eq!(phrase.plain("{{provider}"), "{Acme");
        assert_eq!(phrase.plain("{} }{"), "{} }{");
        assert_eq!(Phrase::of(Text::SignInWith).plain("é{provider}"), "é{provider}");
    }
}
