//! Colours, and the contrast between them (WCAG 2.2, "relative luminance" and "contrast ratio").

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(u32);

impl Color {
    /// `#` and six hexadecimal digits. No other form of CSS is read, so a value from outside cannot
    /// end the declaration that contains it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        let is_color = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_color.then(|| u32::from_str_radix(digits, 16).ok().map(Self)).flatten()
    }

    /// The colour as `0xrrggbb`.
    pub(crate) fn rgb(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_is_six_hexadecimal_digits() {
        assert_eq!(Color::parse("#2456D6").map(Color::rgb), Some(0x24_56d6));
        for wrong in ["", "#", "#fff", "2456d6", "#2456d6f", "#+456d6", "#é4567", "rgb(0,0,0)"] {
            assert_eq!(Color::parse(wrong), None, "{wrong}");
        }
    }
}
