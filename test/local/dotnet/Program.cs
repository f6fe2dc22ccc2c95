// What .NET clients, the Functions host among them, do with Service Bus. A step that goes otherwise than in Azure
// throws.
using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

var connection = Environment.GetEnvironmentVariable("ServiceBus") ?? throw new InvalidOperationException("ServiceBus is not set.");
var retry = new ServiceBusRetryOptions { MaxRetries = 1, TryTimeout = TimeSpan.FromSeconds(20), Delay = TimeSpan.FromMilliseconds(200) };
await using var client = new ServiceBusClient(connection, new ServiceBusClientOptions { RetryOptions = retry });

await Step("a queue gives a processor what was sent, one by one and in a batch", async () =>
{
    await using var sender = client.CreateSender("plain");
    await sender.SendMessageAsync(new ServiceBusMessage("0") { MessageId = "m0", Subject = "s", ApplicationProperties = { ["tenant"] = "x" } });
    using var batch = await sender.CreateMessageBatchAsync();
    for (var i = 1; i < 20; i++) Demand(batch.TryAddMessage(new ServiceBusMessage($"{i}")), "the batch has room");
    Demand(!batch.TryAddMessage(new ServiceBusMessage(new byte[300_000])), "the batch knows the limit");
    await sender.SendMessagesAsync(batch);

    var received = await Processed("plain", 20);
    Demand(received.Values.Select(it => int.Parse(it.Body.ToString())).Order().SequenceEqual(Enumerable.Range(0, 20)), "all came");
    var first = received["m0"];
    Demand(first.Subject == "s" && (string)first.ApplicationProperties["tenant"] == "x", "its properties came");
    Demand(first.DeliveryCount == 1 && first.EnqueuedTime > DateTimeOffset.UtcNow.AddMinutes(-1), "its annotations came");
});

await Step("a topic gives each subscription a copy", async () =>
{
    await Send("events", new ServiceBusMessage("event"));
    foreach (var subscription in new[] { "one", "two" })
    {
        await using var receiver = client.CreateReceiver("events", subscription);
        var message = await Next(receiver);
        Demand(message.Body.ToString() == "event", "the copy is whole");
        await receiver.CompleteMessageAsync(message);
    }
});

await Step("a lock is renewed by request, and runs out without", async () =>
{
    await Send("brief", new ServiceBusMessage("renewed"));
    await using var receiver = client.CreateReceiver("brief");
    var message = await Next(receiver);
    var until = message.LockedUntil;
    await Until(async () => { await receiver.RenewMessageLockAsync(message); return DateTimeOffset.UtcNow > until.AddSeconds(1); });
    Demand(message.LockedUntil > until, "the lock lasts longer");
    await receiver.CompleteMessageAsync(message);

    await Send("brief", new ServiceBusMessage("let go"));
    var late = await Next(receiver);
    var again = await Next(receiver);
    Demand(late.MessageId == again.MessageId && again.DeliveryCount == 2, "it is delivered again");
    Demand(await ReasonOf(() => receiver.CompleteMessageAsync(late)) == ServiceBusFailureReason.MessageLockLost, "the first lock is lost");
    await receiver.CompleteMessageAsync(again);
});

await Step("a processor renews the lock for as long as its handler takes", async () =>
{
    await Send("brief", new ServiceBusMessage("long"));
    await Processed("brief", 1, async held =>
    {
        var end = held.Message.LockedUntil.AddSeconds(2);
        await Until(() => Task.FromResult(DateTimeOffset.UtcNow > end));
    });
    await IsEmpty("brief");
});

await Step("what is abandoned comes again with its changes, and is dead-lettered after the last delivery", async () =>
{
    await Send("brief", new ServiceBusMessage("abandoned"));
    await using var receiver = client.CreateReceiver("brief");
    for (var count = 1; count <= 3; count++)
    {
        var message = await Next(receiver);
        Demand(message.DeliveryCount == count, "each delivery is counted");
        Demand(count == 1 || (int)message.ApplicationProperties["attempt"] == count - 1, "the change is kept");
        await receiver.AbandonMessageAsync(message, new Dictionary<string, object> { ["attempt"] = count });
    }
    var dead = await DeadLetter("brief");
    Demand(dead.DeadLetterReason == "MaxDeliveryCountExceeded", "the reason is given");
});

await Step("what a processor's handler fails on is abandoned", async () =>
{
    await Send("brief", new ServiceBusMessage("failing"));
    var tries = 0;
    await Processed("brief", 1, _ => ++tries < 2 ? throw new InvalidOperationException("fails once") : Task.CompletedTask);
    Demand(tries == 2, "it came again");
});

await Step("a message is dead-lettered with a reason, on a queue and on a subscription", async () =>
{
    await Send("plain", new ServiceBusMessage("bad") { ApplicationProperties = { ["tenant"] = "x" } });
    await Send("events", new ServiceBusMessage("bad"));
    foreach (var (receiver, entity) in new[] { (client.CreateReceiver("plain"), "plain"), (client.CreateReceiver("events", "one"), "events/Subscriptions/one") })
    {
        await receiver.DeadLetterMessageAsync(await Next(receiver), "unreadable", "not JSON");
        await receiver.DisposeAsync();
        var dead = await DeadLetter(entity);
        Demand(dead is { DeadLetterReason: "unreadable", DeadLetterErrorDescription: "not JSON" }, "the reason is given");
        Demand(dead.DeadLetterSource == entity, "the source is given");
    }
});

await Step("a message is scheduled by request and by its property, and one is cancelled", async () =>
{
    await using var sender = client.CreateSender("plain");
    var soon = DateTimeOffset.UtcNow.AddSeconds(2);
    var cancelled = await sender.ScheduleMessageAsync(new ServiceBusMessage("cancelled"), soon);
    var numbers = await sender.ScheduleMessagesAsync(Enumerable.Range(0, 50).Select(_ => new ServiceBusMessage("by request")), soon);
    Demand(numbers.Distinct().Count() == 50, "each has a number");
    await sender.SendMessageAsync(new ServiceBusMessage("by property") { ScheduledEnqueueTime = soon });
    await sender.CancelScheduledMessageAsync(cancelled);

    var received = await Processed("plain", 51);
    Demand(DateTimeOffset.UtcNow >= soon, "not before its time");
    Demand(received.Values.All(it => it.Body.ToString() != "cancelled"), "the cancelled one stays away");
    await IsEmpty("plain");
});

await Step("a message is peeked at, deferred, and received by its number", async () =>
{
    await Send("plain", new ServiceBusMessage("deferred"));
    await using var receiver = client.CreateReceiver("plain");
    Demand((await receiver.PeekMessageAsync()).Body.ToString() == "deferred", "peeking shows it");
    var message = await Next(receiver);
    await receiver.DeferMessageAsync(message);
    var deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
    await receiver.RenewMessageLockAsync(deferred);
    await receiver.CompleteMessageAsync(deferred);
    await IsEmpty("plain");
});

await Step("a receiver that deletes what it receives needs no completion", async () =>
{
    await Send("plain", new ServiceBusMessage("deleted"));
    await using (var receiver = client.CreateReceiver("plain", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }))
    {
        Demand((await Next(receiver)).Body.ToString() == "deleted", "it came");
    }
    await IsEmpty("plain");
});

await Step("a repeated message id is dropped, and no message that has none", async () =>
{
    for (var i = 0; i < 2; i++) await Send("filtered", new ServiceBusMessage("once") { MessageId = "same" });
    await Processed("filtered", 1);
    await IsEmpty("filtered");

    await using var sender = client.CreateSender("filtered");
    await sender.ScheduleMessagesAsync([new ServiceBusMessage("one"), new ServiceBusMessage("two")], DateTimeOffset.UtcNow);
    await Processed("filtered", 2);
});

await Step("a refusal has its reason", async () =>
{
    Demand(await ReasonOf(() => Send("nowhere", new ServiceBusMessage())) == ServiceBusFailureReason.MessagingEntityNotFound, "no such queue");
    Demand(await ReasonOf(() => Send("plain", new ServiceBusMessage(new byte[300_000]))) == ServiceBusFailureReason.MessageSizeExceeded, "too large");
});
Console.WriteLine("done");

async Task Send(string entity, ServiceBusMessage message)
{
    await using var sender = client.CreateSender(entity);
    await sender.SendMessageAsync(message);
}

// The next message, locked.
async Task<ServiceBusReceivedMessage> Next(ServiceBusReceiver receiver) =>
    await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException("There is no message.");

async Task<ServiceBusReceivedMessage> DeadLetter(string entity)
{
    await using var receiver = client.CreateReceiver(entity, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
    var message = await Next(receiver);
    await receiver.CompleteMessageAsync(message);
    return message;
}

// So many messages by their ids, completed by a processor when the handler has returned, as the Functions host does.
async Task<IDictionary<string, ServiceBusReceivedMessage>> Processed(string queue, int count, Func<ProcessMessageEventArgs, Task>? handler = null)
{
    var received = new ConcurrentDictionary<string, ServiceBusReceivedMessage>();
    var errors = new ConcurrentQueue<Exception>();
    await using var processor = client.CreateProcessor(queue, new ServiceBusProcessorOptions { MaxConcurrentCalls = 4 });
    processor.ProcessMessageAsync += async held =>
    {
        if (handler != null) await handler(held);
        received[held.Message.MessageId] = held.Message;
    };
    processor.ProcessErrorAsync += failed =>
    {
        if (failed.ErrorSource != ServiceBusErrorSource.ProcessMessageCallback) errors.Enqueue(failed.Exception);
        return Task.CompletedTask;
    };
    await processor.StartProcessingAsync();
    await Until(() => Task.FromResult(received.Count == count || !errors.IsEmpty));
    await processor.StopProcessingAsync();
    if (errors.TryDequeue(out var error)) throw error;
    return received;
}

async Task IsEmpty(string queue)
{
    await using var receiver = client.CreateReceiver(queue);
    Demand(await receiver.ReceiveMessageAsync(TimeSpan.FromMilliseconds(300)) == null, $"{queue} is empty");
}

static async Task<ServiceBusFailureReason?> ReasonOf(Func<Task> call)
{
    try { await call(); }
    catch (ServiceBusException refused) { return refused.Reason; }
    return null;
}

static async Task Until(Func<Task<bool>> isDone)
{
    var deadline = DateTime.UtcNow.AddMinutes(1);
    while (!await isDone())
    {
        if (DateTime.UtcNow > deadline) throw new TimeoutException("It did not come to that within a minute.");
        await Task.Delay(50);
    }
}

static async Task Step(string what, Func<Task> step)
{
    try { await step(); }
    catch (Exception cause) { throw new InvalidOperationException($"Not so: {what}.", cause); }
    Console.WriteLine(what);
}

static void Demand(bool isSo, string what)
{
    if (!isSo) throw new InvalidOperationException($"Not so: {what}.");
}
