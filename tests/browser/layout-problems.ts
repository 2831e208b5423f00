/**
 * Finds content that overflows or is clipped. Runs in `page.evaluate`, so that it must not refer to anything outside of itself.
 * - the document, and every container that scrolls sideways
 * - text that overflows its box or is clipped by it, unless a link or a tooltip shows all of it
 * - numbers that are broken into two lines
 * - right-to-left text that is not isolated from its neighbours
 */
export function layoutProblems(): string[] {
  const problems = new Set<string>();
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) problems.add(`the document is ${scrollWidth} px wide`);

  const describe = (element: Element) => {
    const text = (element.textContent || element.getAttribute('aria-label') || '').trim().slice(0, 30);
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> “${text}”`;
  };
  const isHidden = (element: Element) =>
    element.closest('.visually-hidden, [class*="skip"]') !== null ||
    !element.checkVisibility({ visibilityProperty: true });

  for (const element of document.querySelectorAll('body *')) {
    if (!(element instanceof HTMLElement) || isHidden(element)) continue;
    const style = getComputedStyle(element);
    if (style.display === 'inline' || element.clientWidth === 0) continue;
    const { left, right } = element.getBoundingClientRect();
    if (left < -1 || right > clientWidth + 1) problems.add(`outside of the window: ${describe(element)}`);
    // Fields show a part of their text. The dashboard is wider than its frame, but not wider than the window.
    if (element.scrollWidth <= element.clientWidth + 1 || ['INPUT', 'MAIN'].includes(element.tagName)) continue;
    const isReachable = style.textOverflow === 'ellipsis' && element.closest('a[href], [title]') !== null;
    const { overflowX } = style;
    if (overflowX === 'visible') {
      const inner = [...element.children].some((child) => child.scrollWidth > child.clientWidth + 1);
      if (!inner) problems.add(`sticks out: ${describe(element)}`);
    } else if (overflowX === 'auto' || overflowX === 'scroll') {
      problems.add(`scrolls sideways: ${describe(element)}`);
    } else if (!isReachable && element.innerText.trim() !== '') {
      problems.add(`is cut off: ${describe(element)}`);
    }
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const node = texts.currentNode as Text;
    const parent = node.parentElement;
    if (!parent || isHidden(parent)) continue;
    for (const number of node.data.matchAll(/[$\d][\d,.:]{2,}/g)) {
      range.setStart(node, number.index);
      range.setEnd(node, number.index + number[0].length);
      const tops = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      if (tops.size > 1) problems.add(`is broken into lines: ${number[0]} in ${describe(parent)}`);
    }
    const isRightToLeft = /[\u0590-\u08ff]/.test(node.data);
    if (isRightToLeft && !parent.closest('body [dir="auto"], bdi') && !node.data.includes('\u2068')) {
      problems.add(`is not isolated: ${describe(parent)}`);
    }
  }
  return [...problems];
}
