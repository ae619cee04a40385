import { chargeOtherwise } from './site/database.ts';
import { createPriced, payBy, signUpAndHold, toPayment } from './site/payments.ts';
import { signInOrganiser } from './site/people.ts';
import { heading } from './site/seats.ts';
import { expect, test } from './site/test.ts';

test('[I5] a payment of a wrong amount buys nothing: an organiser refunds it, and the buyer sees the refund', async ({
  site,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const [buyer, organiser] = [await open(), await open()];
  await signUpAndHold(buyer, event.id);
  await toPayment(buyer);
  await chargeOtherwise(site.mongoUri, event.id, 3_900);
  await payBy(buyer, 'pays');
  await expect(heading(buyer, 'Checking your payment')).toBeVisible();

  await signInOrganiser(organiser);
  await organiser.goto(`/admin/events/${event.id}/sales`);
  const list = organiser.getByRole('region', { name: 'Money to look at' });
  await expect(list).toContainText('€39.00 came instead of the price');
  await list.getByRole('button', { name: 'Give it back' }).click();
  await expect(list).toBeHidden({ timeout: 20_000 });

  await expect(heading(buyer, 'The payment comes back')).toBeVisible({ timeout: 20_000 });
  const refunded = 'This payment bought no seats. €39.00 was refunded.';
  await expect(buyer.getByText(refunded)).toBeVisible({ timeout: 40_000 });
});
