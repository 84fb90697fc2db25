/** Rows of photos that fill a width, each as high as its photos together allow. Pure. */

const LARGEST_STRETCH = 1.35;

/**
 * Lay photos out in rows.
 *
 * @param {number[]} aspects width by height of each photo
 * @param {{width: number, height: number, gap: number}} room pixels: the width to fill, the height that rows
 *   are to have, and what is left between photos
 * @returns {{rows: {top: number, height: number, first: number, widths: number[]}[], height: number}}
 */
export function justified(aspects, { width, height, gap }) {
  const rows = [];
  let top = 0;
  let first = 0;
  let sum = 0;
  aspects.forEach((aspect, index) => {
    sum += aspect;
    const count = index - first + 1;
    const filling = (width - gap * (count - 1)) / sum;
    const isLast = index === aspects.length - 1;
    if (filling > height && !isLast) return;
    const rowHeight = Math.round(isLast ? Math.min(filling, height * LARGEST_STRETCH) : filling);
    const isFull = filling <= height * LARGEST_STRETCH;
    const used = isLast && !isFull ? Math.min(height, filling) : rowHeight;
    const widths = aspects.slice(first, index + 1).map((each) => Math.floor(each * used));
    if (isFull) widths[count - 1] += width - gap * (count - 1) - widths.reduce((total, each) => total + each, 0);
    rows.push({ top, height: used, first, widths });
    top += used + gap;
    first = index + 1;
    sum = 0;
  });
  return { rows, height: Math.max(0, top - gap) };
}

/** Return how high so many photos are likely to be, before anything is known of them. */
export function guessed(count, { width, height, gap }) {
  const usual = 1.4;
  const inARow = Math.max(1, width / (height * usual));
  return Math.ceil(count / inARow) * (height + gap);
}
