//! A log of bounded size without repetition. In: lines. Out: each line once, with a count.

use crate::report::{counted, visible};

/// Lines in their order. Repeated lines are counted; beyond the first thousand, lines are only counted, since a plugin can log
/// at every trade of a long tape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DedupLog {
    pub(super) kept: Vec<(String, u64)>,
    pub(super) dropped: u64,
}

impl DedupLog {
    const MOST: usize = 1_000;
    /// How many lines to look back for the same line.
    const LOOK_BACK: usize = 8;

    pub(crate) fn add(&mut self, line: String) {
        let full = self.kept.len() >= Self::MOST;
        let mut recent = self.kept.iter_mut().rev().take(Self::LOOK_BACK);
        match recent.find(|(last, _)| *last == line) {
            Some((_, times)) => *times += 1,
            None if full => self.dropped += 1,
            None => self.kept.push((line, 1)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Number of lines, repeated ones included.
    pub(crate) fn count(&self) -> u64 {
        self.kept.iter().map(|(_, times)| times).sum::<u64>() + self.dropped
    }

    /// The first line.
    pub(crate) fn first(&self) -> Option<&str> {
        self.kept.first().map(|(line, _)| line.as_str())
    }

    /// The lines to show, with their counts.
    pub(crate) fn shown(&self) -> impl Iterator<Item = String> {
        let kept = self.kept.iter().map(|(line, times)| match times {
            1 => one_line(line),
            _ => format!("{} ({times} times)", one_line(line)),
        });
        let dropped =
            (self.dropped > 0).then(|| format!("and {}", counted(self.dropped, "more line")));
        kept.chain(dropped)
    }
}

/// A plugin's text on one line, complete, without control characters.
pub(crate) fn one_line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_lines_are_counted_and_the_log_is_limited() {
        let mut lines = DedupLog::default();
        for _ in 0..3 {
            lines.add("same".into());
            lines.add("other".into());
        }
        for number in 0..1_500 {
            lines.add(format!("line {number}"));
        }
        let shown: Vec<_> = lines.shown().collect();
        assert_eq!(shown[..2], ["same (3 times)", "other (3 times)"]);
        assert_eq!(shown.len(), 1_001);
        assert_eq!(shown[1_000], "and 502 more lines");
    }
}
