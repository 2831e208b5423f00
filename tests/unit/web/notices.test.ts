import { expect, it } from 'vitest';
import { createNotices } from '../../../web/src/services/notices.js';

it('keeps at most three notices, and the latest of each topic', () => {
  const notices = createNotices();
  const titles = () => notices.all().map(({ title }) => title);
  notices.show({ tone: 'bad', topic: 'shoe', title: 'sold out' });
  notices.show({ tone: 'plain', title: 'signed in' });
  notices.show({ tone: 'good', topic: 'shoe', title: 'held' });
  notices.show({ tone: 'plain', title: 'signed in' });
  expect(titles()).toEqual(['held', 'signed in']);
  for (const title of ['a', 'b', 'c']) notices.show({ tone: 'plain', title });
  expect(titles()).toEqual(['a', 'b', 'c']);
  const [first] = notices.all();
  if (first) notices.dismiss(first.id);
  expect(titles()).toEqual(['b', 'c']);
});
