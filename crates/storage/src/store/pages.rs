//! Columns of partitions, packed by one compressor for a whole write and unpacked by one decompressor for a whole scan.
//!
//! The Parquet library makes a compressor and a decompressor for each column of each file; with a file a day that cost
//! more than everything else in reading and writing minutes. Here the library writes and reads pages as if they were not
//! packed; a [`Packer`] and an [`Unpacker`] that live longer do that.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::page::{
    CompressedPage, Page, PageMetadata, PageReader, PageWriteSpec, PageWriter,
};
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::{Compressor, Decompressor};

/// Enough for deltas; more costs time and saves hardly anything.
const LEVEL: i32 = 1;

/// Packs pages, one after another.
#[derive(Default)]
pub(super) struct Packer {
    zstd: Option<Compressor<'static>>,
}

impl Packer {
    /// Writes the next column of a row group; `properties` must ask for no compression.
    pub(super) fn column<T: DataType>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
        description: ColumnDescPtr,
        properties: &WriterPropertiesPtr,
        values: &[T::T],
        levels: Option<&[i16]>,
    ) -> Result<(), ParquetError> {
        let zstd = match &mut self.zstd {
            Some(zstd) => zstd,
            empty @ None => empty.insert(Compressor::new(LEVEL)?),
        };
        let mut chunk = TrackedWrite::new(Vec::new());
        let pages = Box::new(Packing {
            zstd,
            file: SerializedPageWriter::new(&mut chunk),
        });
        let mut writer = ColumnWriterImpl::<T>::new(description, Arc::clone(properties), pages);
        writer.write_batch(values, levels, None)?;
        let mut written = writer.close()?;
        let codec = Compression::ZSTD(ZstdLevel::try_new(LEVEL)?);
        let metadata = written.metadata.into_builder().set_compression(codec);
        written.metadata = metadata.build()?;
        group.append_column(&Bytes::from(chunk.into_inner()?), written)
    }
}

/// Packs pages on their way.
struct Packing<'a> {
    zstd: &'a mut Compressor<'static>,
    file: SerializedPageWriter<'a, Vec<u8>>,
}

impl PageWriter for Packing<'_> {
    fn write_page(&mut self, page: CompressedPage) -> Result<PageWriteSpec, ParquetError> {
        let Page::DataPage {
            buf,
            num_values,
            encoding,
            def_level_encoding,
            rep_level_encoding,
            statistics,
        } = page.compressed_page()
        else {
            return Err(general("a page is of another kind than the store writes"));
        };
        let packed = Page::DataPage {
            buf: self.zstd.compress(buf)?.into(),
            num_values: *num_values,
            encoding: *encoding,
            def_level_encoding: *def_level_encoding,
            rep_level_encoding: *rep_level_encoding,
            statistics: statistics.clone(),
        };
        let packed = CompressedPage::new(packed, page.uncompressed_size());
        self.file.write_page(packed)
    }

    fn close(&mut self) -> Result<(), ParquetError> {
        self.file.close()
    }
}

/// Unpacks pages, one after another.
#[derive(Default)]
pub(super) struct Unpacker {
    zstd: Option<Decompressor<'static>>,
}

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker").finish_non_exhaustive()
    }
}

impl Unpacker {
    /// A column of `rows` values, unpacked.
    pub(super) fn column(
        &mut self,
        file: &Arc<Bytes>,
        chunk: &ColumnChunkMetaData,
        rows: usize,
    ) -> Result<ColumnReader, ParquetError> {
        if !matches!(chunk.compression(), Compression::ZSTD(_)) {
            return Err(general("a column is not packed with zstd"));
        }
        let as_stored = chunk.clone().into_builder();
        let as_stored = as_stored
            .set_compression(Compression::UNCOMPRESSED)
            .build()?;
        let mut stored = SerializedPageReader::new(Arc::clone(file), &as_stored, rows, None)?;
        // A value takes 8 bytes, a little more with its level and when deltas are packed badly.
        let longest = rows.saturating_mul(16).saturating_add(65_536);
        let longest = usize::try_from(chunk.uncompressed_size())
            .unwrap_or(0)
            .min(longest);
        let mut pages = VecDeque::new();
        while let Some(page) = stored.get_next_page()? {
            let Page::DataPage {
                buf,
                num_values,
                encoding,
                def_level_encoding,
                rep_level_encoding,
                statistics,
            } = page
            else {
                return Err(general("a page is of another kind than the store writes"));
            };
            pages.push_back(Page::DataPage {
                buf: self.unpack(&buf, longest)?,
                num_values,
                encoding,
                def_level_encoding,
                rep_level_encoding,
                statistics,
            });
        }
        Ok(get_column_reader(
            chunk.column_descr_ptr(),
            Box::new(Pages(pages)),
        ))
    }

    fn unpack(&mut self, packed: &[u8], longest: usize) -> Result<Bytes, ParquetError> {
        let zstd = match &mut self.zstd {
            Some(zstd) => zstd,
            empty @ None => empty.insert(Decompressor::new()?),
        };
        Ok(zstd.decompress(packed, longest)?.into())
    }
}

/// Pages that wait to be decoded.
struct Pages(VecDeque<Page>);

impl Iterator for Pages {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.pop_front().map(Ok)
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        Ok(self.0.pop_front())
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        Ok(self.0.front().map(|page| PageMetadata {
            num_rows: None,
            num_levels: usize::try_from(page.num_values()).ok(),
            is_dict: false,
        }))
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.0.pop_front();
        Ok(())
    }
}

fn general(text: &str) -> ParquetError {
    ParquetError::General(text.to_owned())
}
