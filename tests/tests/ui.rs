//! What the compiler says to whoever declares a provider wrong.

use std::path::Path;
use std::{fs, io};

#[test]
fn wrong_declarations_do_not_compile() -> io::Result<()> {
    lay_documents_beside_the_cases()?;
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*/*.rs");
    Ok(())
}

/// The cases are compiled as a package of their own, in which `metadata_file` finds its documents.
fn lay_documents_beside_the_cases() -> io::Result<()> {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail/metadata_file");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let package = target.join("tests/trybuild").join(env!("CARGO_PKG_NAME"));
    fs::create_dir_all(&package)?;
    for entry in fs::read_dir(documents)? {
        let document = entry?.path();
        if let (Some("json"), Some(name)) =
            (document.extension().and_then(|extension| extension.to_str()), document.file_name())
        {
            fs::copy(&document, package.join(name))?;
        }
    }
    Ok(())
}
