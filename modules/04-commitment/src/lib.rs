//! stub to come
