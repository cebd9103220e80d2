//! Tables as Markdown, and the parts of a page that a program writes anew.

use std::{fs, io, path::Path};

use comfy_table::{Table, presets::ASCII_MARKDOWN};
use zkmargin_prover::atomic::{AtomicWriteError, Overwrite, write_atomic};

/// A page that a part cannot be written into.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// The page cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The page.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The page cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
    /// A marker is not there, is there twice, or stands before the other one.
    #[error("{path}: needs '{begin}' once, and '{end}' once behind it")]
    Markers {
        /// The page.
        path: String,
        /// The first.
        begin: String,
        /// The second.
        end: String,
    },
}

/// A table with a head.
pub fn table<H: Into<String>>(
    head: impl IntoIterator<Item = H>,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table.load_preset(ASCII_MARKDOWN);
    table.set_header(head.into_iter().map(Into::into).collect::<Vec<String>>());
    table.add_rows(rows);
    table.to_string()
}

/// The page with what is between `<!-- begin NAME -->` and `<!-- end NAME -->` replaced; `None` where they are not, once each.
fn replaced(page: &str, [begin, end]: [&str; 2], body: &str) -> Option<String> {
    let (before, rest) = page.split_once(begin)?;
    let (between, after) = rest.split_once(end)?;
    let again = [before, between, after]
        .iter()
        .any(|part| part.contains(begin) || part.contains(end));
    let body = body.trim();
    (!again).then(|| format!("{before}{begin}\n\n{body}\n\n{end}{after}"))
}

/// Writes a part of a page anew: what is between `<!-- begin NAME -->` and `<!-- end NAME -->`.
///
/// # Errors
/// [`PageError`]; the page is then as it was.
pub fn write_part(page: &Path, name: &str, body: &str) -> Result<(), PageError> {
    let path = page.display().to_string();
    let text = match fs::read_to_string(page) {
        Ok(text) => text,
        Err(source) => return Err(PageError::Read { path, source }),
    };
    let [begin, end] = ["begin", "end"].map(|word| format!("<!-- {word} {name} -->"));
    let text = replaced(&text, [&begin, &end], body);
    let text = text.ok_or(PageError::Markers { path, begin, end })?;
    Ok(write_atomic(page, text.as_bytes(), Overwrite::Replace)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let page = "# Page\n\n<!-- begin a -->\n\nold\n\n<!-- end a -->\n\nprose\n";
        let [begin, end] = ["<!-- begin a -->", "<!-- end a -->"];
        let new = replaced(page, [begin, end], "\nnew\n").expect("markers");
        assert_eq!(new, page.replace("old", "new"));
        assert_eq!(replaced(&new, [begin, end], "new").as_ref(), Some(&new));
    }

    #[test]
    fn a_page_without_its_markers_is_left_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("page.md");
        let [begin, end] = ["<!-- begin a -->", "<!-- end a -->"];
        for page in [
            String::new(),
            begin.to_owned(),
            format!("{end} {begin}"),
            format!("{begin}{end}{begin}{end}"),
            format!("{begin}{begin}{end}"),
        ] {
            fs::write(&path, &page).expect("written");
            let error = write_part(&path, "a", "new").expect_err(&page);
            assert!(matches!(error, PageError::Markers { .. }), "{error}");
            assert_eq!(fs::read_to_string(&path).expect("read"), page);
        }
        let none = folder.path().join("none.md");
        let error = write_part(&none, "a", "new").expect_err("no page");
        assert!(matches!(error, PageError::Read { .. }), "{error}");
    }

    #[test]
    fn tables_have_as_many_columns_in_each_row() {
        let text = table(["a", "b"], [vec!["1".to_owned(), "2".to_owned()]]);
        let bars = |line: &str| line.matches('|').count();
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().all(|line| bars(line) == 3), "{text}");
    }
}
