//! Colours, and the contrast between them (WCAG 2.2, "relative luminance" and "contrast ratio").

use std::fmt;

/// An opaque sRGB colour. As text it is `#` and six hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(u32);

/// The contrast of text with its background that level AA requires (success criterion 1.4.3).
const TEXT_CONTRAST: f64 = 4.5;
/// The contrast of a control with its background (success criterion 1.4.11).
const CONTROL_CONTRAST: f64 = 3.0;

/// Colours for providers without one of their own. White text on each has the contrast of level AA.
const DERIVED: [Color; 12] = [
    Color(0x1d_4ed8),
    Color(0x7c_2d92),
    Color(0xb4_2318),
    Color(0x0f_6b5c),
    Color(0x9a_4a08),
    Color(0x4a_3fb5),
    Color(0xa8_1e5b),
    Color(0x2f_6b1f),
    Color(0x0b_6286),
    Color(0x6b_5310),
    Color(0x5b_4a8a),
    Color(0x3d_5a73),
];

impl Color {
    pub(crate) const WHITE: Self = Self(0xff_ffff);
    pub(crate) const BLACK: Self = Self(0);

    /// `#` and six hexadecimal digits. No other form of CSS is read, so a value from outside cannot
    /// end the declaration that contains it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        let is_color = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_color.then(|| u32::from_str_radix(digits, 16).ok().map(Self)).flatten()
    }

    /// The colour `0xrrggbb`; of a larger number, the lower 24 bits.
    pub(crate) const fn of_rgb(rgb: u32) -> Self {
        Self(rgb & 0xff_ffff)
    }

    /// The colour of a provider: that of its brand, or else one that is always the same for this
    /// name.
    pub(crate) fn of_provider(brand: Option<u32>, name: &str) -> Self {
        brand.map_or_else(|| Self::derived_from(name), Self::of_rgb)
    }

    /// A colour that depends only on the name.
    fn derived_from(name: &str) -> Self {
        // FNV-1a.
        let hash = name
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let index = (hash >> 8) as usize % DERIVED.len();
        DERIVED.get(index).copied().unwrap_or(Self::BLACK)
    }

    /// The colour as `0xrrggbb`.
    pub(crate) fn rgb(self) -> u32 {
        self.0
    }

    /// The colour of text on this background: white if it has the contrast of level AA, or else
    /// black. One of them always has it, because their contrast with each other is 21, and the
    /// larger one is at least the square root of that.
    pub(crate) fn text(self) -> Self {
        if self.contrast(Self::WHITE) >= TEXT_CONTRAST { Self::WHITE } else { Self::BLACK }
    }

    /// This colour, made darker or lighter until a control with it can be seen on this background.
    pub(crate) fn visible_on(self, background: Self) -> Self {
        let towards = background.text();
        let steps = (0..=20_u32).map(|step| self.mixed(towards, step));
        let mut visible = steps.filter(|color| color.contrast(background) >= CONTROL_CONTRAST);
        visible.next().unwrap_or(towards)
    }

    /// A mixture with `step` twentieths of another colour.
    fn mixed(self, other: Self, step: u32) -> Self {
        let part = |shift: u32| {
            let (own, other) = (self.part(shift), other.part(shift));
            ((own * (20 - step) + other * step) / 20) << shift
        };
        Self(part(16) | part(8) | part(0))
    }

    fn part(self, shift: u32) -> u32 {
        (self.0 >> shift) & 0xff
    }

    /// The contrast ratio, from 1 to 21.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = |shift| {
            let part = f64::from(self.part(shift)) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_is_six_hexadecimal_digits() {
        assert_eq!(Color::parse("#2456D6").map(Color::rgb), Some(0x24_56d6));
        assert_eq!(Color::of_rgb(0x24_56d6).to_string(), "#2456d6");
        assert_eq!(Color::BLACK.to_string(), "#000000");
        for wrong in ["", "#", "#fff", "2456d6", "#2456d6f", "#+456d6", "#é4567", "rgb(0,0,0)"] {
            assert_eq!(Color::parse(wrong), None, "{wrong}");
        }
    }

    /// The examples of WCAG 2.2.
    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((Color::WHITE.contrast(Color::BLACK) - 21.0).abs() < 0.001);
        assert!((Color::of_rgb(0x76_7676).contrast(Color::WHITE) - 4.54).abs() < 0.01);
        assert!((Color::of_rgb(0xff_0000).contrast(Color::WHITE) - 4.0).abs() < 0.01);
    }

    /// Every shade of grey, and every 17th value of each part.
    #[test]
    fn text_on_any_color_has_the_contrast_of_level_aa() {
        let shades = (0..=255).map(|part| part << 16 | part << 8 | part);
        let parts = || (0..=255).step_by(17);
        let colors = parts()
            .flat_map(|r| parts().flat_map(move |g| parts().map(move |b| r << 16 | g << 8 | b)));
        for color in shades.chain(colors).map(Color::of_rgb) {
            assert!(color.contrast(color.text()) >= TEXT_CONTRAST, "{color}");
            for background in [Color::WHITE, Color::of_rgb(0x19_1f29), Color::of_rgb(0x77_7777)] {
                let visible = color.visible_on(background);
                assert!(visible.contrast(background) >= CONTROL_CONTRAST, "{color} {background}");
                assert!(visible.contrast(visible.text()) >= TEXT_CONTRAST, "{color}");
            }
        }
    }

    #[test]
    fn derived_colors_carry_white_text_and_differ() {
        for color in DERIVED {
            assert_eq!(color.text(), Color::WHITE, "{color}");
        }
        let names = ["acme", "okta", "keycloak", "development", "company", "sso"];
        let mut colors: Vec<_> =
            names.iter().map(|name| Color::of_provider(None, name).rgb()).collect();
        assert_eq!(Color::of_provider(None, "acme"), Color::of_provider(None, "acme"));
        colors.sort_unstable();
        colors.dedup();
        assert!(colors.len() > 3, "{colors:?}");
    }
}
