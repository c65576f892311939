export function render(order) {
  const { customer, items } = JSON.parse(order);
  const total = items.reduce((sum, item) => sum + item.units * item.price, 0);
  // No clock is granted: time stands at zero, and the attempt is on record.
  return `${customer}: ${items.length} items, ${total.toFixed(2)}, rendered at ${new Date().toISOString()}`;
}
