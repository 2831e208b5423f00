import { expect, it } from 'vitest';
import { createNotices } from '../../../web/src/services/notices.js';

it('keeps three at most, and of one thing what was said last', () => {
  const notices = createNotices();
  const titles = () => notices.all().map(({ title }) => title);
  notices.say({ tone: 'bad', topic: 'shoe', title: 'sold out' });
  notices.say({ tone: 'plain', title: 'signed in' });
  notices.say({ tone: 'good', topic: 'shoe', title: 'held' });
  notices.say({ tone: 'plain', title: 'signed in' });
  expect(titles()).toEqual(['held', 'signed in']);
  for (const title of ['a', 'b', 'c']) notices.say({ tone: 'plain', title });
  expect(titles()).toEqual(['a', 'b', 'c']);
  const [first] = notices.all();
  if (first) notices.dismiss(first.id);
  expect(titles()).toEqual(['b', 'c']);
});
