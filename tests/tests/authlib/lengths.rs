//! Code of the guide is about as short as Authlib's for the same work.

/// The guide for users of Authlib.
const GUIDE: &str = include_str!("../../../oauth-runtime/src/docs/coming_from_authlib.md");

/// A block of code in the guide.
struct Block {
    heading: &'static str,
    is_python: bool,
    /// The lines that a reader sees, without empty ones.
    lines: Vec<&'static str>,
}

fn blocks() -> Vec<Block> {
    let (mut blocks, mut heading) = (Vec::<Block>::new(), "");
    let mut is_inside = false;
    for line in GUIDE.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_inside => is_inside = false,
            Some(language) => {
                is_inside = true;
                let is_python = language == "python";
                blocks.push(Block { heading, is_python, lines: Vec::new() });
            }
            None if is_inside => {
                let block = blocks.last_mut().expect("a block");
                // rustdoc hides these.
                let is_hidden = !block.is_python && (line == "#" || line.starts_with("# "));
                if !is_hidden && !line.trim().is_empty() {
                    block.lines.push(line);
                }
            }
            None if line.starts_with("## ") || line.starts_with("### ") => heading = line,
            None => {}
        }
    }
    blocks
}

/// Each block of Authlib with the block that does the same here: the next one.
fn pairs() -> Vec<(Block, Block)> {
    let mut pairs = Vec::new();
    let mut blocks = blocks().into_iter().peekable();
    while let Some(block) = blocks.next() {
        if block.is_python {
            let own = blocks.next_if(|next| !next.is_python && next.heading == block.heading);
            let own = own.unwrap_or_else(|| panic!("{} has no counterpart", block.heading));
            pairs.push((block, own));
        }
    }
    pairs
}

#[test]
fn no_block_is_half_as_long_again_as_authlibs() {
    let pairs = pairs();
    assert!(pairs.len() > 15, "{} pairs", pairs.len());
    let long = pairs.iter().filter(|(authlib, own)| own.lines.len() * 2 > authlib.lines.len() * 3);
    let long: Vec<_> = long
        .map(|(authlib, own)| {
            format!("{}: {} lines for {}", own.heading, own.lines.len(), authlib.lines.len())
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// Otherwise hidden imports would make a block look short.
#[test]
fn imports_are_shown_where_authlib_shows_them() {
    let is_import = |line: &&str| line.starts_with("from ") || line.starts_with("import ");
    for (authlib, own) in pairs() {
        let is_shown = own.lines.iter().any(|line| line.starts_with("use "));
        assert!(is_shown || !authlib.lines.iter().any(is_import), "{}", own.heading);
    }
}
