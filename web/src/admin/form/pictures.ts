/** The pictures of the service, each at `/images/<name>.svg`. */
export const PICTURES = [
  ...['backpack', 'bike', 'board-game', 'camera', 'cap', 'console', 'figure', 'guitar', 'headphones', 'hoodie'],
  ...['jacket', 'keyboard', 'lamp', 'mug', 'poster', 'record', 'skateboard', 'sneaker', 'sunglasses', 'watch'],
];

export const pathOf = (picture: string) => `/images/${picture}.svg`;
