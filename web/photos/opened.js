/** The viewer that is open, as far as the history knows of it; the viewer itself is fetched when it is needed. */

/** @type {{swipe: {close: () => void, destroy: () => void}, isAlone: boolean} | null} */
let open = null;
let isGoingBack = false;

/** Say that a viewer is open; `isAlone` where there is no page below it. */
export function opened(swipe, isAlone) {
  open = { swipe, isAlone };
}

/** Say that none is open any more. */
export function closed() {
  open = null;
}

/** Tell whether a viewer is open. */
export function isOpen() {
  return open !== null;
}

/** Go back to the address of the page below the viewer, which closes by itself. */
export function goBack() {
  isGoingBack = true;
  history.back();
}

/** Close the viewer, as it is when one goes back in the history; tell whether that was all. */
export function tookBack() {
  if (isGoingBack) {
    isGoingBack = false;
    return true;
  }
  if (!open) return false;
  const { swipe } = open;
  open = null;
  swipe.close();
  return true;
}

/** Close the viewer because one goes to another page; tell whether it was open, over a page of its own. */
export function leaveViewer() {
  if (!open) return false;
  const { swipe, isAlone } = open;
  open = null;
  swipe.destroy();
  return !isAlone;
}
