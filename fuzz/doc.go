// Package fuzz is the floor of the fuzzing packages: what they generate, keep, and judge is said in their own words there.
//
// Today that is fuzz/gen, generators for property tests and fuzz targets. This package holds no code and no state.
package fuzz
