// A whole file transfer with the client that NSwag generates: each step throws when it is not answered as the document says.
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Broker;

const string Sender = "0192:991825827";
const string Recipient = "0192:986252932";
const string Resource = "altinn-broker-test-resource-1";

BrokerClient ClientWith(string tokenVariable)
{
    var http = new HttpClient();
    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Setting(tokenVariable));
    return new BrokerClient(http) { BaseUrl = Setting("BROKER_URL") };
}
var sender = ClientWith("SENDER_TOKEN");
var recipient = ClientWith("RECIPIENT_TOKEN");
var file = RandomNumberGenerator.GetBytes(3_000_000);

var created = await sender.InitializeFileTransferAsync(new InitializeFileTransferRequest
{
    FileName = "søknad.pdf",
    ResourceId = Resource,
    SendersFileTransferReference = "generated-csharp",
    Sender = Sender,
    Recipients = [Recipient],
    PropertyList = new Dictionary<string, string> { ["color"] = "blue" },
});
var id = created.FileTransferId;
await sender.UploadFileAsync(id, new MemoryStream(file));

var overview = await Until(() => sender.GetFileTransferAsync(id), it => it.FileTransferStatus == FileTransferStatus.Published);
Demand(overview.FileTransferSize == file.Length && overview.Published != null, "the overview tells size and time");
Demand(overview.PropertyList["color"] == "blue", "the overview has the properties");
var found = await Until(() => recipient.SearchFileTransfersAsync(Resource, role: Role.Recipient), it => it.Contains(id));
Demand(found.Count > 0, "the recipient finds it");

using (var download = await recipient.DownloadFileAsync(id))
{
    using var received = new MemoryStream();
    await download.Stream.CopyToAsync(received);
    Demand(received.ToArray().AsSpan().SequenceEqual(file), "the file is the one that was sent");
}
await recipient.ConfirmDownloadAsync(id);
var details = await sender.GetFileTransferDetailsAsync(id);
Demand(details.FileTransferStatus == FileTransferStatus.AllConfirmedDownloaded, "the last confirmation closes the transfer");
Demand(details.RecipientFileTransferStatusHistory.Last().Recipient == Recipient, "the history names the recipient");
var log = await sender.GetFileTransferEventsAsync(id);
Demand(log.Events.Any(it => it.Type == "no.altinn.broker.published"), "the event log has the events");

var form = await sender.InitializeAndUploadAsync(
    metadata_FileName: "form.bin", metadata_ResourceId: Resource, metadata_SendersFileTransferReference: "form",
    metadata_Sender: Sender, metadata_Recipients: [Recipient], fileTransfer: new FileParameter(new MemoryStream(file), "form.bin"));
Demand(form.FileTransferId != id, "a form begins a transfer of its own");

var resource = await sender.GetResourceAsync(Resource);
Demand(resource.FileTransferTimeToLive is null or { Length: > 0 }, "the resource tells its durations");
Demand((await sender.GetServiceOwnerAsync()).StorageProviders.Count > 0, "the service owner has storage");
using (var statistics = await sender.GetMonthlyStatisticsAsync(year: $"{DateTime.UtcNow.Year}", month: $"{DateTime.UtcNow.Month}"))
{
    Demand((await new StreamReader(statistics.Stream).ReadToEndAsync()).StartsWith("year,month,"), "the statistics are CSV");
}
Demand((await sender.GetHealthAsync()).Length > 0, "the health is a text");

var unknown = await Refused(() => sender.GetFileTransferAsync(Guid.NewGuid()));
Demand(unknown is { StatusCode: 404, Result.Code: "BRO-00001" }, "an unknown transfer is told by its code");
var empty = await Refused(() => sender.InitializeFileTransferAsync(new InitializeFileTransferRequest
{
    FileName = "", ResourceId = Resource, SendersFileTransferReference = "", Sender = "nobody", Recipients = [],
}));
Demand(empty is { StatusCode: 400 } && empty.Result.Errors.ContainsKey("Recipients"), "wrong input is told by field");
Console.WriteLine($"done {id}");

static string Setting(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set.");

static void Demand(bool isSo, string what)
{
    if (!isSo) throw new InvalidOperationException($"Not so: {what}.");
}

static async Task<T> Until<T>(Func<Task<T>> ask, Func<T, bool> isDone)
{
    var deadline = DateTime.UtcNow.AddMinutes(1);
    for (;;)
    {
        var answer = await ask();
        if (isDone(answer)) return answer;
        if (DateTime.UtcNow > deadline) throw new TimeoutException("It did not come to that within a minute.");
        await Task.Delay(100);
    }
}

static async Task<ApiException<ProblemDetails>> Refused(Func<Task> call)
{
    try { await call(); }
    catch (ApiException<ProblemDetails> refused) { return refused; }
    throw new InvalidOperationException("It was not refused.");
}
