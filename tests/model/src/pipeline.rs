//! The modeled files of the recorder's pipeline, under the paths that they refer to each other by.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "the models use a part of the recorder")]
#[path = "../../../recorder/src/pipeline/account.rs"]
pub(crate) mod account;
#[allow(dead_code, reason = "the models use a part of the recorder")]
#[path = "../../../recorder/src/pipeline/budget.rs"]
pub(crate) mod budget;
#[allow(dead_code, reason = "the models use a part of the recorder")]
#[path = "../../../recorder/src/pipeline/shard.rs"]
pub(crate) mod shard;
#[allow(dead_code, reason = "the models use a part of the recorder")]
#[path = "../../../recorder/src/pipeline/shards.rs"]
pub(crate) mod shards;
