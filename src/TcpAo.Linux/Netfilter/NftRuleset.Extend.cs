// Elements added to sets that are there: what a change costs then depends on the change alone, not on the table.
namespace TcpAo.Linux.Netfilter;

public sealed partial class NftRuleset
{
    // the set of each shape that this object wrote last, and how many elements more it takes; the ports' one has no shape
    private readonly Dictionary<NftShape, (string Name, int Room)> _room = [];
    private int _portRoom;

    /// <summary>Adds traffic and ports to the rules of the last <see cref="Replace"/>, in one step for packets, where the sets that they need are there and have room.</summary>
    /// <param name="more">What comes in addition; its queues are those of the last model.</param>
    /// <returns>False where that cannot be, and nothing has changed: the whole is to be replaced then.</returns>
    public bool TryExtend(NftModel more)
    {
        const string What = "Could not add to the rules of TcpAo.";
        ArgumentNullException.ThrowIfNull(more);
        IReadOnlyList<NftShapeSet> sets = new NftShapeTable(more.Traffic).Sets;
        if (sets.Any(set => !_room.TryGetValue(set.Shape, out (string Name, int Room) there) || there.Room < set.Keys.Count) || _portRoom < more.SignedPorts.Count)
        {
            return false;
        }

        NftShapeSet[] filled = [.. sets.Where(set => set.Shape.KeyLength > 0)];
        if (filled.Length == 0 && more.SignedPorts.Count == 0)
        {
            // the rules ask for nothing that would tell it apart
            return _room.Count > 0;
        }

        NftBatch batch = new(_socket, _table);
        batch.Begin(generation: null);
        foreach (NftShapeSet set in filled)
        {
            batch.NewElements(_room[set.Shape].Name, set.Keys);
        }

        batch.NewElements(NftTableWriter.SignedPorts, more.SignedPorts.Select(NftTableWriter.PortKey));
        batch.End();
        EnsureSendBuffer(batch.Buffer.Length, What);
        if (_socket.TryTransact(batch.Buffer, batch.LastSequence, What, out _) != 0)
        {
            // somebody removed or changed the table
            _room.Clear();
            _portRoom = 0;
            return false;
        }

        foreach (NftShapeSet set in filled)
        {
            (string name, int room) = _room[set.Shape];
            _room[set.Shape] = (name, room - set.Keys.Count);
        }

        _portRoom -= more.SignedPorts.Count;
        return true;
    }

    private void Remember(NftModel model)
    {
        _room.Clear();
        _portRoom = 0;
        if (!model.LeavesRoom)
        {
            return;
        }

        foreach (NftShapeSet set in new NftShapeTable(model.Traffic).Sets)
        {
            _room.Add(set.Shape, (set.Name, model.RoomFor(set.Keys.Count) - set.Keys.Count));
        }

        _portRoom = model.SignedPorts.Count == 0 ? 0 : model.RoomFor(model.SignedPorts.Count) - model.SignedPorts.Count;
    }
}
