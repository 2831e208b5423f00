import { describe, expect, it } from 'vitest';
import { newDrop, previewOf } from '../../../web/src/admin/form/previewed-drop.js';

const NOW = Date.parse('2030-06-01T12:00:00Z');
const TEXTS = {
  name: 'Aurora',
  price: '175.00',
  currency: 'EUR',
  description: ' One\nTwo ',
  imageUrl: '/images/cap.svg',
  dropStartsAt: '',
  dropEndsAt: '',
};

describe('the preview of a drop', () => {
  it('shows what buyers will see', () => {
    expect(previewOf(TEXTS, newDrop('40'), NOW)).toMatchObject({
      name: 'Aurora',
      price: '175.00',
      currency: 'EUR',
      description: 'One\nTwo',
      imageUrl: '/images/cap.svg',
      status: 'live',
      availableStock: 40,
      totalStock: 40,
    });
  });

  it('has the state that follows from the times of the form', () => {
    const stateOf = (times: object) => previewOf({ ...TEXTS, ...times }, newDrop('1'), NOW).status;
    expect(stateOf({ dropStartsAt: '2031-01-01T10:00' })).toBe('scheduled');
    expect(stateOf({ dropStartsAt: '2029-01-01T10:00', dropEndsAt: '2031-01-01T10:00' })).toBe('live');
    expect(stateOf({ dropStartsAt: '2029-01-01T10:00', dropEndsAt: '2029-02-01T10:00' })).toBe('ended');
    expect(previewOf(TEXTS, { ...newDrop('1'), availableStock: 0 }, NOW).status).toBe('sold_out');
    expect(previewOf(TEXTS, { ...newDrop('1'), status: 'paused' }, NOW).status).toBe('paused');
  });

  it('leaves out what the API would refuse', () => {
    const texts = { ...TEXTS, name: ' ', price: 'cheap', imageUrl: 'https', dropStartsAt: 'soon' };
    expect(previewOf(texts, newDrop('many'), NOW)).toMatchObject({
      name: 'Name of the drop',
      price: '0',
      imageUrl: null,
      status: 'live',
      totalStock: 1,
    });
    for (const imageUrl of ['//evil.example/a.png', 'javascript:alert(1)', '/', 'http://']) {
      expect(previewOf({ ...TEXTS, imageUrl }, newDrop('1'), NOW).imageUrl, imageUrl).toBeNull();
    }
  });
});
