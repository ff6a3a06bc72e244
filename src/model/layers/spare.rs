//! Memory of tensors that nobody needs any more, for the next layer's output: a network writes megabytes, layer by layer, and to clear
//! new memory for each costs as much as some layers do.
use std::cell::RefCell;

/// What a layer reads and writes, and what later ones will.
const MOST: usize = 4;

thread_local! {
    static SPARE: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// So many numbers, whatever they are: of those that are enough, the fewest.
pub(super) fn take(length: usize) -> Vec<f32> {
    let found = SPARE.with_borrow_mut(|spare| {
        let fits = spare.iter().enumerate().filter(|(_, numbers)| numbers.len() >= length);
        let (index, _) = fits.min_by_key(|(_, numbers)| numbers.len())?;
        Some(spare.swap_remove(index))
    });
    match found {
        Some(mut numbers) => {
            numbers.truncate(length);
            numbers
        }
        None => vec![0.0; length],
    }
}

/// Keeps the numbers, if they are more than the fewest of those that are kept.
pub(super) fn give(numbers: Vec<f32>) {
    SPARE.with_borrow_mut(|spare| {
        spare.push(numbers);
        if spare.len() > MOST {
            spare.sort_by_key(|numbers| std::cmp::Reverse(numbers.len()));
            spare.truncate(MOST);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_are_kept_and_taken_again() {
        assert_eq!(take(3), [0.0; 3]);
        for length in [4, 2, 8, 6, 3] {
            give(vec![length as f32; length]);
        }
        assert_eq!(take(5), [6.0; 5], "not the 8, which may still be needed");
        assert_eq!(take(5), [8.0; 5]);
        assert_eq!(take(5), [0.0; 5]);
        assert_eq!(take(4), [4.0; 4]);
        assert_eq!(take(1), [3.0], "not the 2, which was let go");
    }
}
