//! Flatbuffers: tables, vectors and strings, found through offsets. Every offset and length is checked against the bytes.
use std::{cell::Cell, ops::Range};

use crate::ImportError;

/// Names appear in messages; longer ones are truncated.
const MAX_TEXT: usize = 1024;

/// Budget charge for one table: about the file size of a small table with its offsets.
const TABLE_COST: usize = 32;

/// The bytes of a flatbuffer.
pub(super) struct Flatbuffer<'a> {
    bytes: &'a [u8],
    /// Bytes that may still be read. Offsets can share their target, so a small damaged file could otherwise unfold to any size.
    budget: Cell<usize>,
}

/// A table of numbered fields, each of which may be absent.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    of: &'a Flatbuffer<'a>,
    at: usize,
    /// Offsets of the fields, as stored in the file.
    fields: &'a [u8],
}

/// A little-endian number.
pub(super) trait Scalar: Sized {
    const SIZE: usize;
    /// `bytes` has exactly `SIZE` bytes.
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! scalar {
    ($($type:ty),*) => {
        $(impl Scalar for $type {
            const SIZE: usize = size_of::<$type>();
            fn read(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_le_bytes)
            }
        })*
    };
}
scalar!(i8, u8, u16, i32, u32, i64, u64, f32);

impl Scalar for bool {
    const SIZE: usize = 1;
    fn read(bytes: &[u8]) -> Option<Self> {
        u8::read(bytes).map(|byte| byte != 0)
    }
}

impl<'a> Flatbuffer<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, budget: Cell::new(bytes.len().saturating_mul(4)) }
    }

    /// The root table, which leads to everything else.
    pub(super) fn root(&'a self) -> Result<Table<'a>, ImportError> {
        self.table(self.follow(0)?)
    }

    fn table(&'a self, at: usize) -> Result<Table<'a>, ImportError> {
        self.spend(TABLE_COST)?;
        // A table begins with the distance back to its list of field offsets. The list begins with two lengths: its own, the table's.
        let back = i64::from(self.scalar::<i32>(at)?);
        let list = usize::try_from(at as i64 - back).map_err(|_| damaged("a table lies before its start"))?;
        let length = self.scalar::<u16>(list)?;
        let fields = self.slice(list, length.into())?.get(4..).ok_or_else(|| damaged("a table has no fields"))?;
        Ok(Table { of: self, at, fields })
    }

    fn scalar<T: Scalar>(&self, at: usize) -> Result<T, ImportError> {
        T::read(self.slice(at, T::SIZE)?).ok_or_else(|| damaged("it ends within a number"))
    }

    /// The position the offset at `at` points to.
    fn follow(&self, at: usize) -> Result<usize, ImportError> {
        let offset = self.scalar::<u32>(at)? as usize;
        at.checked_add(offset).filter(|to| *to < self.bytes.len()).ok_or_else(|| damaged("an offset leads past its end"))
    }

    /// The byte range of the elements of the vector at `at`, each `size` bytes long.
    fn elements(&self, at: usize, size: usize) -> Result<Range<usize>, ImportError> {
        let count = self.scalar::<u32>(at)? as usize;
        let length = count.checked_mul(size).ok_or_else(|| damaged("a vector ends past its end"))?;
        self.slice(at + 4, length)?;
        Ok(at + 4..at + 4 + length)
    }

    fn slice(&self, at: usize, length: usize) -> Result<&'a [u8], ImportError> {
        let end = at.checked_add(length).ok_or_else(|| damaged("it has an impossible length"))?;
        self.bytes.get(at..end).ok_or_else(|| damaged(format!("it ends before byte {end}")))
    }

    fn spend(&self, bytes: usize) -> Result<(), ImportError> {
        let left = self.budget.get().checked_sub(bytes).ok_or_else(|| damaged("too many offsets lead to the same bytes"))?;
        self.budget.set(left);
        Ok(())
    }
}

impl<'a> Table<'a> {
    /// A number, or its default if the field is absent.
    pub(super) fn scalar<T: Scalar>(&self, field: usize, default: T) -> Result<T, ImportError> {
        self.place(field)?.map_or(Ok(default), |at| self.of.scalar(at))
    }

    /// A table within this one.
    pub(super) fn table(&self, field: usize) -> Result<Option<Table<'a>>, ImportError> {
        self.target(field)?.map(|at| self.of.table(at)).transpose()
    }

    /// A vector of tables; empty if absent.
    pub(super) fn tables(&self, field: usize) -> Result<Vec<Table<'a>>, ImportError> {
        let Some(at) = self.target(field)? else { return Ok(vec![]) };
        self.of.elements(at, 4)?.step_by(4).map(|at| self.of.table(self.of.follow(at)?)).collect()
    }

    /// A vector of numbers, if present.
    pub(super) fn scalars<T: Scalar>(&self, field: usize) -> Result<Option<Vec<T>>, ImportError> {
        let Some(at) = self.target(field)? else { return Ok(None) };
        let elements = self.of.elements(at, T::SIZE)?;
        self.of.spend(elements.len())?;
        elements.step_by(T::SIZE).map(|at| self.of.scalar(at)).collect::<Result<_, _>>().map(Some)
    }

    /// The range of a vector of bytes; empty if absent.
    pub(super) fn bytes(&self, field: usize) -> Result<Range<usize>, ImportError> {
        self.target(field)?.map_or(Ok(0..0), |at| self.of.elements(at, 1))
    }

    /// A string; empty if absent.
    pub(super) fn text(&self, field: usize) -> Result<String, ImportError> {
        let range = self.bytes(field)?;
        let length = range.len().min(MAX_TEXT);
        self.of.spend(length)?;
        Ok(String::from_utf8_lossy(self.of.slice(range.start, length)?).into_owned())
    }

    /// The position of a field, if present.
    fn place(&self, field: usize) -> Result<Option<usize>, ImportError> {
        let offset = self.fields.get(2 * field..2 * field + 2).and_then(u16::read).unwrap_or(0);
        if offset == 0 {
            return Ok(None);
        }
        self.at.checked_add(usize::from(offset)).map(Some).ok_or_else(|| damaged("a field lies past its end"))
    }

    /// The position an offset field points to.
    fn target(&self, field: usize) -> Result<Option<usize>, ImportError> {
        self.place(field)?.map(|at| self.of.follow(at)).transpose()
    }
}

pub(super) fn damaged(problem: impl Into<String>) -> ImportError {
    ImportError::NotTflite(problem.into())
}
