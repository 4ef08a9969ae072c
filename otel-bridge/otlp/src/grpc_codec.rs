//! The codec of the gRPC client, for requests that are already encoded.

use prost::{Message, bytes::BufMut};
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

use crate::response::Response;

/// Sends encoded requests as they are, and decodes responses.
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

    fn decode(&mut self, response: &mut DecodeBuf<'_>) -> Result<Option<Response>, Status> {
        // The status of the codec of tonic-prost.
        Response::decode(response).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
