// Package enginetest is what the tests of podtui share: images made from
// recipes, real pods of those images, and a scripted engine that replays
// recorded events for tests of screens.
//
// Nothing but tests and the builder of the demo imports it or what is below it.
package enginetest
