//! The real-time language.
