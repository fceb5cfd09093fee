"""The Mattermost app: one request is one line from web/ through commands/ and jobs/ to the answer in the channel."""
