//! Saving a streaming calculator's state and continuing from it bit for bit.
//!
//! State is written as 64-bit words (floats by their bits), so that nothing is rounded. Restoring
//! checks shape and ranges and refuses damaged input instead of panicking later.

use crate::error::FeatureError;

/// The state of one calculator or feature set, as portable words with the owner's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    owner: String,
    words: Vec<u64>,
}

const MAGIC: &[u8; 4] = b"FSN1";

impl Snapshot {
    /// A snapshot of `owner`, whose state is already in words.
    pub fn new(owner: impl Into<String>, words: Vec<u64>) -> Self {
        Self {
            owner: owner.into(),
            words,
        }
    }

    /// Captures `state` under the name of its owner.
    pub fn capture(owner: &str, state: &impl State) -> Self {
        let mut writer = Writer::default();
        state.save(&mut writer);
        Self {
            owner: owner.to_owned(),
            words: writer.words,
        }
    }

    /// The canonical name of what was captured.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The raw state.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Reads the words back into `state`, which is left unchanged when an error is returned.
    ///
    /// # Errors
    /// [`FeatureError::Snapshot`] when the owner differs or the words do not describe such a state.
    pub fn apply<S: State + Clone>(&self, owner: &str, state: &mut S) -> Result<(), FeatureError> {
        if self.owner != owner {
            return Err(refused(format!(
                "it belongs to `{}`, not to `{owner}`",
                self.owner
            )));
        }
        let mut reader = Reader { words: &self.words };
        let mut restored = state.clone();
        restored.load(&mut reader)?;
        if !reader.words.is_empty() {
            return Err(refused(format!("{} words too many", reader.words.len())));
        }
        *state = restored;
        Ok(())
    }

    /// Little-endian bytes: magic, name length, name, word count, words.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(20 + self.owner.len() + 8 * self.words.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&(self.owner.len() as u64).to_le_bytes());
        bytes.extend_from_slice(self.owner.as_bytes());
        bytes.extend_from_slice(&(self.words.len() as u64).to_le_bytes());
        for word in &self.words {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Reads what [`Snapshot::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`FeatureError::Snapshot`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FeatureError> {
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or_else(|| refused("not a feature snapshot"))?;
        let (length, rest) = take_word(rest)?;
        let length = usize::try_from(length).map_err(|_too_big| refused("name too long"))?;
        if length > rest.len() {
            return Err(refused("name cut short"));
        }
        let (name, rest) = rest.split_at(length);
        let owner = str::from_utf8(name)
            .map_err(|_not_text| refused("name is not UTF-8"))?
            .to_owned();
        let (count, rest) = take_word(rest)?;
        if u64::try_from(rest.len()).ok() != count.checked_mul(8) {
            return Err(refused("state cut short or too long"));
        }
        let (chunks, _none) = rest.as_chunks::<8>();
        Ok(Self {
            owner,
            words: chunks
                .iter()
                .map(|chunk| u64::from_le_bytes(*chunk))
                .collect(),
        })
    }
}

fn take_word(bytes: &[u8]) -> Result<(u64, &[u8]), FeatureError> {
    let (head, rest) = bytes
        .split_first_chunk::<8>()
        .ok_or_else(|| refused("cut short"))?;
    Ok((u64::from_le_bytes(*head), rest))
}

pub(crate) fn refused(reason: impl Into<String>) -> FeatureError {
    FeatureError::Snapshot {
        reason: reason.into(),
    }
}

/// Receives state words.
#[derive(Debug, Default)]
pub struct Writer {
    words: Vec<u64>,
}

impl Writer {
    /// Appends one word.
    pub fn word(&mut self, word: u64) {
        self.words.push(word);
    }

    /// The words so far.
    pub fn into_words(self) -> Vec<u64> {
        self.words
    }
}

/// Hands state words out again.
#[derive(Debug)]
pub struct Reader<'a> {
    words: &'a [u64],
}

impl<'a> Reader<'a> {
    /// Reads from `words`.
    pub fn new(words: &'a [u64]) -> Self {
        Self { words }
    }

    /// The next word.
    ///
    /// # Errors
    /// [`FeatureError::Snapshot`] when none is left.
    pub fn word(&mut self) -> Result<u64, FeatureError> {
        let (first, rest) = self
            .words
            .split_first()
            .ok_or_else(|| refused("cut short"))?;
        self.words = rest;
        Ok(*first)
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// Something whose state can be saved and loaded. Parameters (window lengths, factors) are not
/// state: they are the same in the value that loads, and `load` checks against them.
pub trait State {
    /// Writes the state.
    fn save(&self, writer: &mut Writer);

    /// Reads what [`State::save`] of an equally configured value wrote.
    ///
    /// # Errors
    /// [`FeatureError::Snapshot`] when the words are too few or out of range.
    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError>;
}

impl State for f64 {
    fn save(&self, writer: &mut Writer) {
        writer.word(self.to_bits());
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        *self = Self::from_bits(reader.word()?);
        Ok(())
    }
}

impl State for u64 {
    fn save(&self, writer: &mut Writer) {
        writer.word(*self);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        *self = reader.word()?;
        Ok(())
    }
}

impl State for bool {
    fn save(&self, writer: &mut Writer) {
        writer.word(u64::from(*self));
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        *self = match reader.word()? {
            0 => false,
            1 => true,
            other => return Err(refused(format!("{other} is no truth value"))),
        };
        Ok(())
    }
}

impl<T: State, const N: usize> State for [T; N] {
    fn save(&self, writer: &mut Writer) {
        for item in self {
            item.save(writer);
        }
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.iter_mut().try_for_each(|item| item.load(reader))
    }
}

/// A vector keeps its length: it is sized by parameters, not by data.
impl<T: State> State for Vec<T> {
    fn save(&self, writer: &mut Writer) {
        for item in self {
            item.save(writer);
        }
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.iter_mut().try_for_each(|item| item.load(reader))
    }
}

impl<T: State + Default> State for Option<T> {
    fn save(&self, writer: &mut Writer) {
        match self {
            None => writer.word(0),
            Some(value) => {
                writer.word(1);
                value.save(writer);
            }
        }
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        *self = match reader.word()? {
            0 => None,
            1 => {
                let mut value = T::default();
                value.load(reader)?;
                Some(value)
            }
            other => return Err(refused(format!("{other} is no option tag"))),
        };
        Ok(())
    }
}

/// Implements [`State`] by saving and loading the named fields in order. Name every field that
/// `step` changes; leave out parameters.
#[macro_export]
macro_rules! state_fields {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl $crate::snapshot::State for $type {
            fn save(&self, _writer: &mut $crate::snapshot::Writer) {
                $($crate::snapshot::State::save(&self.$field, _writer);)*
            }

            fn load(
                &mut self,
                _reader: &mut $crate::snapshot::Reader<'_>,
            ) -> Result<(), $crate::FeatureError> {
                $($crate::snapshot::State::load(&mut self.$field, _reader)?;)*
                Ok(())
            }
        }
    };
}
