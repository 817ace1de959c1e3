//! Links and headings of a page in Markdown.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::run;

pub struct Page {
    /// Where its links lead.
    pub links: Vec<String>,
    /// The anchors of its headings, as GitHub names them.
    pub anchors: Vec<String>,
}

impl Page {
    /// Reads a page, by its path below the checkout's root.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(run::root().join(path))
            .with_context(|| path.display().to_string())?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let text = without_fences(text);
        let links = text.split("\n\n").flat_map(links).collect();
        let mut anchors: Vec<String> = Vec::new();
        for line in text.lines() {
            let title = line.trim_start_matches('#');
            if title.len() < line.len() && title.starts_with(' ') {
                let anchor = anchor(title);
                let same = anchors.iter().filter(|known| is_repeated(known, &anchor)).count();
                anchors.push(if same == 0 { anchor } else { format!("{anchor}-{same}") });
            }
        }
        Self { links, anchors }
    }
}

fn without_fences(text: &str) -> String {
    let mut is_inside = false;
    let kept = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_inside ^= is_fence;
        !is_inside && !is_fence
    });
    kept.fold(String::new(), |text, line| text + line + "\n")
}

/// The targets of all links of a paragraph. Code is not searched.
fn links(paragraph: &str) -> Vec<String> {
    let prose = paragraph.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).collect()
}

fn anchor(title: &str) -> String {
    let kept = title.trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// Whether a heading's anchor is this one, or this one with a number.
fn is_repeated(known: &str, anchor: &str) -> bool {
    let number = known.strip_prefix(anchor).map(|rest| rest.strip_prefix('-').unwrap_or(rest));
    number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_headings_are_found_and_code_is_not() {
        let page = Page::parse(
            "# 1. A `crate`, then\n\nSee [`x`](a.md) and [y\nz](b.md#c), not `[n](no.md)`.\n\n\
             ```text\n# no\n[n](no.md)\n```\n\n## Same\n\n## Same\n",
        );
        assert_eq!(page.links, ["a.md", "b.md#c"]);
        assert_eq!(page.anchors, ["1-a-crate-then", "same", "same-1"]);
    }
}
