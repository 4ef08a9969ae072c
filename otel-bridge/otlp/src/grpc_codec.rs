//! Requests that are bytes already, for the client of gRPC.

use prost::{Message, bytes::BufMut};
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

use crate::response::Response;

/// An encoded request goes out as it is; the answer is read.
#[derive(Clone, Copy)]
pub(crate) struct Encoded;

impl Codec for Encoded {
    type Encode = Vec<u8>;
    type Decode = Response;
    type Encoder = Encoded;
    type Decoder = Encoded;

    fn encoder(&mut self) -> Encoded {
        Encoded
    }

    fn decoder(&mut self) -> Encoded {
        Encoded
    }
}

impl Encoder for Encoded {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, message: Vec<u8>, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put_slice(&message);
        Ok(())
    }
}

impl Decoder for Encoded {
    type Item = Response;
    type Error = Status;

    fn decode(&mut self, answer: &mut DecodeBuf<'_>) -> Result<Option<Response>, Status> {
        // As prost's own codec says it.
        Response::decode(answer).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
