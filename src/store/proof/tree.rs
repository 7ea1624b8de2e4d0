//! 台帳の木: a Merkle tree over the digests of the lines, of the shape of RFC 6962.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use sha2::{Digest as _, Sha256};

/// A digest: 32 octets.
pub type Hash = [u8; 32];

/// More lines than any ledger has, and within what positions in the tree can be computed with.
const MOST: u64 = 1 << 48;

/// 木の頂: how many lines a tree is over, and its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// How many lines.
    pub size: u64,
    /// The root over the digests of so many lines.
    pub root: Hash,
}

impl TreeHead {
    fn outside(&self) -> Option<RootHash<Sha256>> {
        (self.size <= MOST).then(|| RootHash::new(self.root.into(), self.size))
    }

    /// Whether the line of a number (from 1) with this digest is under this root.
    #[must_use]
    pub fn includes(&self, seq: u64, digest: &Hash, path: &[Hash]) -> bool {
        let (Some(root), Some(index)) = (self.outside(), seq.checked_sub(1)) else { return false };
        let path = InclusionProof::<Sha256>::try_from_bytes(path.concat());
        index < self.size && path.is_ok_and(|path| root.verify_inclusion(digest, index, &path).is_ok())
    }

    /// Whether this tree is the older one with nothing but lines added.
    #[must_use]
    pub fn grew_from(&self, older: &TreeHead, path: &[Hash]) -> bool {
        if older.size > self.size {
            return false;
        }
        // The tree without a line, and the same tree, need no path.
        if older.size == 0 {
            return path.is_empty() && *older == Frontier::default().head();
        }
        if older.size == self.size {
            return path.is_empty() && older == self;
        }
        let (Some(root), Some(before)) = (self.outside(), older.outside()) else { return false };
        let path = ConsistencyProof::<Sha256>::try_from_bytes(path.concat());
        path.is_ok_and(|path| root.verify_consistency(&before, &path).is_ok())
    }
}

/// 木の縁: the root of a growing tree, in as many digests as its size has binary digits.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    size: u64,
    /// Roots of full trees, the largest first: one for each binary digit 1 of the size.
    full: Vec<Hash>,
}

impl Frontier {
    /// Adds the digest of the next line.
    #[inline]
    pub fn push(&mut self, digest: &Hash) {
        let mut node: Hash = Sha256::new().chain_update([0]).chain_update(digest).finalize().into();
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.full.pop() {
                node = parent(&left, &node);
            }
        }
        self.full.push(node);
        self.size += 1;
    }

    /// Size and root so far.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        let mut full = self.full.iter().rev();
        let root = match full.next() {
            None => Sha256::digest(b"").into(),
            Some(last) => full.fold(*last, |right, left| parent(left, &right)),
        };
        TreeHead { size: self.size, root }
    }
}

fn parent(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// 木の全体: the whole tree, from which proofs are drawn. About 100 octets a line.
#[derive(Debug, Default)]
pub struct Tree(MemoryBackedTree<Sha256, Hash>);

impl Tree {
    /// Adds the digest of the next line.
    pub fn push(&mut self, digest: Hash) {
        self.0.push(digest);
    }

    /// Size and root so far.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        let root = self.0.root();
        TreeHead { size: root.num_leaves(), root: (*root.as_bytes()).into() }
    }

    /// The digests beside the way from a line (from 1) to the root.
    #[must_use]
    pub fn path_of(&self, seq: u64) -> Option<Vec<Hash>> {
        let index = seq.checked_sub(1).filter(|index| *index < self.0.len())?;
        Some(hashes(self.0.prove_inclusion(usize::try_from(index).ok()?).as_bytes()))
    }

    /// The digests that lead from the root of the first lines to the root of all.
    #[must_use]
    pub fn growth_from(&self, size: u64) -> Option<Vec<Hash>> {
        let added = self.0.len().checked_sub(size)?;
        if size == 0 || added == 0 {
            return Some(Vec::new());
        }
        Some(hashes(self.0.prove_consistency(usize::try_from(added).ok()?).as_bytes()))
    }
}

fn hashes(octets: &[u8]) -> Vec<Hash> {
    octets.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(number: u64) -> Hash {
        Sha256::digest(number.to_be_bytes()).into()
    }

    #[test]
    fn the_frontier_has_the_root_of_the_whole_tree() {
        let (mut tree, mut frontier) = (Tree::default(), Frontier::default());
        for number in 0..300 {
            assert_eq!(frontier.head(), tree.head(), "{number}");
            tree.push(leaf(number));
            frontier.push(&leaf(number));
        }
    }

    #[test]
    fn the_root_is_that_of_rfc_6962() {
        // The root of the first two leaves written out, and that of none: SHA-256 of nothing.
        let mut frontier = Frontier::default();
        assert_eq!(super::super::super::hex(&frontier.head().root)[..16], *"e3b0c44298fc1c14");
        (0..2).for_each(|number| frontier.push(&leaf(number)));
        let leaves = [0, 1].map(|number| Sha256::digest([&[0][..], &leaf(number)].concat()));
        let root: Hash = Sha256::digest([&[1][..], &leaves[0], &leaves[1]].concat()).into();
        assert_eq!(frontier.head(), TreeHead { size: 2, root });
    }

    #[test]
    fn every_line_and_every_growth_is_proven_and_nothing_else() {
        let mut tree = Tree::default();
        let mut heads = vec![tree.head()];
        for number in 0..40 {
            tree.push(leaf(number));
            heads.push(tree.head());
            let head = tree.head();
            for seq in 1..=head.size {
                let path = tree.path_of(seq).unwrap();
                assert!(head.includes(seq, &leaf(seq - 1), &path));
                assert!(!head.includes(seq, &leaf(seq), &path));
                assert!(!head.includes(seq + 1, &leaf(seq - 1), &path) || path.is_empty());
                assert!(!head.includes(0, &leaf(seq - 1), &path));
                if let Some((_, short)) = path.split_last() {
                    assert!(!head.includes(seq, &leaf(seq - 1), short));
                }
            }
            for older in &heads {
                let path = tree.growth_from(older.size).unwrap();
                assert!(head.grew_from(older, &path), "{} {}", older.size, head.size);
                let other = TreeHead { root: leaf(999), ..*older };
                assert!(!head.grew_from(&other, &path));
                assert!(!older.grew_from(&head, &path) || older == &head);
            }
        }
        assert!(tree.path_of(41).is_none() && tree.path_of(0).is_none() && tree.growth_from(41).is_none());
    }

    #[test]
    fn sizes_beyond_all_measure_are_refused_without_a_panic() {
        let huge = TreeHead { size: u64::MAX, root: leaf(0) };
        assert!(!huge.includes(u64::MAX, &leaf(0), &[]));
        assert!(!huge.includes(1, &leaf(0), &[leaf(1); 64]));
        assert!(!huge.grew_from(&TreeHead { size: 3, root: leaf(0) }, &[leaf(1); 64]));
    }
}
