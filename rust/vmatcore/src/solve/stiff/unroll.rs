//! Loops written out, so that every place in a matrix is known to the compiler.
//!
//! What a lane computes in one step is one long run of scalar arithmetic without loops
//! or branches. Only then can the compiler keep it in registers and do it for all
//! lanes at once.

/// Repeat a block with a constant running from 0 to 15: `unrolled!(I { ... })`. What is beyond
/// the system's size must be left out by `if const { I < N }`, which costs nothing. Not to be
/// nested: the compiler would look at every combination.
macro_rules! unrolled {
    ($i:ident $body:block) => {
        $crate::solve::stiff::unrolled!(
            @ $i $body 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
        )
    };
    (@ $i:ident $body:block $($n:literal)*) => {
        $({
            const $i: usize = $n;
            $body
        })*
    };
}

pub(crate) use unrolled;

/// How far [`unrolled`] counts.
pub(super) const MOST: usize = 16;
