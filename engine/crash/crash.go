// Package crash names the places at which a process of podtui may die with
// something half done, so that tests can have a real process die at each of them
// and look at what is left. Outside tests Here does nothing.
//
// What the code promises at a point (what exists before what, and who tidies up)
// is written where the point is.
package crash

// Point is the name of a place, in words.
type Point string

// Hook is told of each point that is reached, if a test has set it before
// anything else ran, and may not return.
var Hook func(Point)

// Here says that a point is reached.
func Here(p Point) {
	if Hook != nil {
		Hook(p)
	}
}
