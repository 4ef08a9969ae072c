//! The rows of a drawing: the spans of a trace as a tree.

use std::collections::HashMap;

use crate::entry::Entry;

/// Up to this number, all siblings with one name are drawn.
const MAX_ALIKE: usize = 50;

/// The number of siblings drawn above that limit: this many of the first ones, and this many of those that failed.
const SHOWN_ALIKE: usize = 3;

/// A row of the tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) entry: &'a Entry,
    /// The distance from the root.
    pub(crate) depth: usize,
    /// A bit for each level: set if the ancestor of the row at that level, or the row itself, has a further sibling.
    pub(crate) open: u128,
    pub(crate) has_children: bool,
    /// The parent exists, but is not in the drawing.
    pub(crate) is_orphan: bool,
    /// The siblings that the row summarises, of which `entry` is the first.
    pub(crate) more: Option<SummaryRow>,
}

/// Siblings that are summarised in one row, with their descendants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SummaryRow {
    pub(crate) spans: usize,
    pub(crate) descendants: usize,
    /// The number of failed spans among the siblings and descendants.
    pub(crate) failed: usize,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// The row above is a sibling with the same name.
    pub(crate) follows_its_like: bool,
}

/// Returns the rows: children below their parent, and siblings in the order of their starts. A span whose parent is not
/// among `entries` is a root, and so is one span of each cycle. Apart from sorting, the time is linear in the number of
/// entries.
pub(crate) fn rows(entries: &[Entry]) -> Vec<Row<'_>> {
    let tree = Tree::new(entries);
    let mut rows = Vec::with_capacity(entries.len());
    let mut open: Vec<(Item, usize, u128)> = Vec::new();
    let push = |open: &mut Vec<(Item, usize, u128)>, siblings: &[usize], depth: usize, above: u128| {
        let bit = u32::try_from(depth).ok().and_then(|depth| 1_u128.checked_shl(depth)).unwrap_or(0);
        let items = tree.items(siblings);
        let last = items.len().saturating_sub(1);
        let item = |(n, item): (usize, Item)| (item, depth, if n == last { above } else { above | bit });
        open.extend(items.into_iter().enumerate().map(item).rev());
    };
    push(&mut open, &tree.roots, 0, 0);
    while let Some((item, depth, above)) = open.pop() {
        let (Item::Span(at) | Item::More(at, _)) = item;
        let more = if let Item::More(_, more) = item { Some(more) } else { None };
        let children: &[usize] = if more.is_some() { &[] } else { &tree.children[at] };
        rows.push(Row {
            entry: &entries[at],
            depth,
            open: above,
            has_children: !children.is_empty(),
            is_orphan: depth == 0 && entries[at].parent.is_some(),
            more,
        });
        push(&mut open, children, depth + 1, above);
    }
    rows
}

/// Entries by number.
struct Tree<'a> {
    entries: &'a [Entry],
    roots: Vec<usize>,
    children: Vec<Vec<usize>>,
}

#[derive(Clone, Copy)]
enum Item {
    Span(usize),
    /// The number is that of the first.
    More(usize, SummaryRow),
}

impl<'a> Tree<'a> {
    fn new(entries: &'a [Entry]) -> Self {
        let numbers: HashMap<_, _> =
            entries.iter().enumerate().rev().map(|(number, entry)| (entry.id, number)).collect();
        let mut parents: Vec<Option<usize>> =
            entries.iter().map(|entry| numbers.get(&entry.parent?).copied()).collect();
        break_cycles(&mut parents);

        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|number| entries[*number].start);
        let mut tree = Tree { entries, roots: Vec::new(), children: vec![Vec::new(); entries.len()] };
        for number in order {
            match parents[number] {
                Some(parent) => tree.children[parent].push(number),
                None => tree.roots.push(number),
            }
        }
        tree
    }

    /// `siblings` as they are drawn: where too many have one name, most of them as one.
    fn items(&self, siblings: &[usize]) -> Vec<Item> {
        if siblings.len() <= MAX_ALIKE {
            return siblings.iter().map(|number| Item::Span(*number)).collect();
        }
        let name = |number: usize| (self.entries[number].name.as_str(), &*self.entries[number].service);
        let mut alike: HashMap<_, Alike> = HashMap::new();
        for number in siblings {
            alike.entry(name(*number)).or_default().all += 1;
        }
        let mut items: Vec<Item> = Vec::new();
        for number in siblings {
            let Some(group) = alike.get_mut(&name(*number)) else { continue };
            if group.shows(self.entries[*number].failed) {
                items.push(Item::Span(*number));
            } else if let Some(at) = group.more {
                if let Item::More(_, more) = &mut items[at] {
                    self.hide(*number, more);
                }
            } else {
                group.more = Some(items.len());
                let follows_its_like = match items.last() {
                    Some(Item::Span(above) | Item::More(above, _)) => name(*above) == name(*number),
                    None => false,
                };
                let mut more = SummaryRow {
                    spans: 0,
                    descendants: 0,
                    failed: 0,
                    start: u64::MAX,
                    end: 0,
                    follows_its_like,
                };
                self.hide(*number, &mut more);
                items.push(Item::More(*number, more));
            }
        }
        items
    }

    /// Counts a span and all descendants it.
    fn hide(&self, number: usize, more: &mut SummaryRow) {
        more.spans += 1;
        let mut open = vec![number];
        let mut seen = 0;
        while let Some(number) = open.pop() {
            let entry = &self.entries[number];
            seen += 1;
            more.failed += usize::from(entry.failed);
            more.start = more.start.min(entry.start);
            more.end = more.end.max(entry.end);
            open.extend(&self.children[number]);
        }
        more.descendants += seen - 1;
    }
}

/// The siblings with one name.
#[derive(Default)]
struct Alike {
    all: usize,
    shown: usize,
    failed: usize,
    /// The index of the summary row.
    more: Option<usize>,
}

impl Alike {
    fn shows(&mut self, failed: bool) -> bool {
        let count = if failed { &mut self.failed } else { &mut self.shown };
        *count += 1;
        self.all <= MAX_ALIKE || *count <= SHOWN_ALIKE
    }
}

/// Removes the parent of one span of each cycle.
fn break_cycles(parents: &mut [Option<usize>]) {
    // The walk towards a root in which each span was visited.
    let mut visited = vec![usize::MAX; parents.len()];
    for walk in 0..parents.len() {
        let mut at = walk;
        while visited[at] == usize::MAX {
            visited[at] = walk;
            match parents[at] {
                Some(parent) if visited[parent] == walk => parents[at] = None,
                Some(parent) => at = parent,
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anytrace_api::{Kind, SpanId};

    fn entry(id: u64, parent: u64) -> Entry {
        Entry {
            id: SpanId::from_u64(id).unwrap(),
            parent: SpanId::from_u64(parent),
            parent_is_remote: false,
            service: "service".into(),
            name: "name".to_owned(),
            kind: Kind::Internal,
            start: id,
            end: id + 1,
            failed: false,
            error: String::new(),
            details: String::new(),
        }
    }

    fn drawn(entries: &[Entry]) -> Vec<(u64, usize)> {
        rows(entries).iter().map(|row| (row.entry.id.to_u64(), row.depth)).collect()
    }

    #[test]
    fn children_are_below_their_parent_in_the_order_of_their_starts() {
        let entries = [entry(5, 2), entry(4, 1), entry(1, 0), entry(2, 1), entry(3, 9)];
        assert_eq!(drawn(&entries), [(1, 0), (2, 1), (5, 2), (4, 1), (3, 0)]);
        let rows = rows(&entries);
        assert!(rows[4].is_orphan && !rows[0].is_orphan);
        assert_eq!(rows.iter().map(|row| row.open).collect::<Vec<_>>(), [1, 0b11, 0b11, 1, 0]);
    }

    #[test]
    fn a_cycle_is_broken_and_all_its_spans_are_drawn() {
        assert_eq!(drawn(&[entry(1, 1)]), [(1, 0)]);
        let mut all = drawn(&[entry(1, 2), entry(2, 3), entry(3, 1), entry(4, 3), entry(6, 7), entry(7, 6)]);
        assert_eq!(all.iter().filter(|(_, depth)| *depth == 0).count(), 2);
        all.sort_unstable();
        assert_eq!(all.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2, 3, 4, 6, 7]);
    }

    #[test]
    fn spans_with_equal_ids_are_all_drawn() {
        assert_eq!(drawn(&[entry(1, 0), entry(1, 0), entry(2, 1)]), [(1, 0), (2, 1), (1, 0)]);
    }

    #[test]
    fn many_siblings_with_one_name_are_summarised_except_the_first_and_failed_ones() {
        let mut entries: Vec<Entry> = (2..=1001).map(|id| entry(id, 1)).collect();
        entries.push(entry(1, 0));
        entries.push(entry(2000, 900));
        entries.push(Entry { name: "other".to_owned(), ..entry(1500, 1) });
        for failed in [100, 200, 300, 400] {
            entries[failed].failed = true;
        }
        let rows = rows(&entries);
        assert_eq!(rows.len(), 1 + 3 + 3 + 1 + 1);
        let more = rows[4].more.expect("a summary row");
        assert_eq!((more.spans, more.descendants, more.failed), (994, 1, 1));
        assert_eq!((more.start, more.end, more.follows_its_like), (5, 2001, true));
        assert_eq!(rows[8].entry.name, "other");
    }

    #[test]
    fn a_chain_of_ten_thousand_spans_is_drawn() {
        let chain: Vec<Entry> = (1..=10_000).map(|id| entry(id, id - 1)).collect();
        assert_eq!(rows(&chain).last().map(|row| row.depth), Some(9_999));
        let cycle: Vec<Entry> = (1..=10_000).map(|id| entry(id, id % 10_000 + 1)).collect();
        assert_eq!(rows(&cycle).len(), 10_000);
    }
}
