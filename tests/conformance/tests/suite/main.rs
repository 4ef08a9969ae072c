//! The suite holds what it promises: every backend of this project keeps its rules, and every broken one does not.

mod backends;
mod broken;
mod matrix;
mod shown;
mod subjects;
