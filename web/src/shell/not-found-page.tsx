import { Page } from '../page/page.js';
import { ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';

export function NotFoundPage() {
  return (
    <Page title="Nothing here">
      <Message title="No page has this address" action={<ButtonLink href="/">To all drops</ButtonLink>}>
        The link may be cut off, or the page may be gone.
      </Message>
    </Page>
  );
}
